/* Claims as checks: what a verdict is, that a control which does not fail makes its claim fail,
 * parameters and their refusals, and a validation from names to reports. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "contraflow/run/validation.h"

/* --- verdicts --- */

static cf_verdict verdict(cf_rule_kind rule, double predicted, double measured, double tolerance,
                          bool control)
{
    return (cf_verdict){.rule = rule,
                        .predicted = predicted,
                        .measured = measured,
                        .tolerance = tolerance,
                        .control = control};
}

static void test_rules(void)
{
    static const struct {
        cf_rule_kind rule;
        double predicted, measured, tolerance;
        bool holds;
        const char *claim;
    } cases[] = {{CF_RULE_EQUAL, 2, 2.09, 0.1, true, "a number within its tolerance holds"},
                 {CF_RULE_EQUAL, 2, 2.11, 0.1, false, "and does not beyond it"},
                 {CF_RULE_EQUAL, 2, 1.89, 0.1, false, "on either side"},
                 {CF_RULE_EQUAL, 0, NAN, 1, false, "NaN holds nowhere: equal"},
                 {CF_RULE_RELATIVE, -20, -21, 0.1, true, "tolerances may be relative"},
                 {CF_RULE_RELATIVE, -2, -2.3, 0.1, false, "to the prediction"},
                 {CF_RULE_RELATIVE, 2, NAN, 1, false, "NaN: relative"},
                 {CF_RULE_AT_MOST, 1, 1, 0, true, "a bound may be reached"},
                 {CF_RULE_AT_MOST, 1, 1.01, 0, false, "and not be passed"},
                 {CF_RULE_AT_MOST, 1, NAN, 0, false, "NaN: at most"},
                 {CF_RULE_AT_LEAST, 1, 2, 0, true, "from below, too"},
                 {CF_RULE_AT_LEAST, 1, 0.9, 0, false, "from below, not passed"},
                 {CF_RULE_AT_LEAST, 1, NAN, 0, false, "NaN: at least"}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const cf_verdict v = verdict(cases[k].rule, cases[k].predicted, cases[k].measured,
                                     cases[k].tolerance, false);
        check(cf_verdict_holds(&v) == cases[k].holds, "%s", cases[k].claim);
    }
    const cf_verdict v = verdict(CF_RULE_RELATIVE, -20, -21, 0.1, false);
    check_near(cf_verdict_share(&v), 0.5, 1e-15, "half of the tolerance is used");
}

static bool claim_of(const cf_verdict *verdicts, size_t count, const char *failure)
{
    cf_claim_report report = {.verdicts = (cf_verdict *)verdicts, .count = count};
    snprintf(report.failure, sizeof report.failure, "%s", failure);
    return cf_claim_report_holds(&report);
}

static void test_controls(void)
{
    const cf_verdict good = verdict(CF_RULE_EQUAL, 0, 0, 1, false);
    const cf_verdict bad = verdict(CF_RULE_EQUAL, 0, 2, 1, false);
    const cf_verdict fails = verdict(CF_RULE_EQUAL, 0, 2, 1, true);
    const cf_verdict passes = verdict(CF_RULE_EQUAL, 0, 0, 1, true);
    const cf_verdict undefined = verdict(CF_RULE_EQUAL, 0, NAN, 1, true);
    check(claim_of((cf_verdict[]){good, fails}, 2, ""),
          "a claim holds where its numbers hold and its control fails");
    check(!claim_of((cf_verdict[]){good, bad, fails}, 3, ""), "not where one number does not");
    check(!claim_of((cf_verdict[]){good, passes}, 2, ""),
          "not where the control does not fail: the check would not notice");
    check(!claim_of((cf_verdict[]){good, fails, passes}, 3, ""), "every control must fail");
    check(!claim_of((cf_verdict[]){good, undefined}, 2, ""), "NaN is no failure of a control");
    check(!claim_of((cf_verdict[]){good}, 1, ""), "a claim needs a control");
    check(!claim_of((cf_verdict[]){fails}, 1, ""), "and a number");
    check(!claim_of(NULL, 0, ""), "nothing holds nothing");
    check(!claim_of((cf_verdict[]){good, fails}, 2, "t = 3: no step"),
          "not where the check broke down");
}

/* --- the table --- */

static void test_table(void)
{
    for (const cf_claim *const *claim = cf_claims; *claim != NULL; claim++) {
        const cf_claim *c = *claim;
        const char *const words[] = {c->kind.doc, c->title, c->source, c->hypothesis, c->control};
        size_t last = strlen(c->kind.doc) - 1;
        bool complete = c->kind.count > 0 && c->check != NULL && c->kind.doc[last] == '.';
        for (size_t k = 0; k < 5; k++)
            complete = complete && words[k] != NULL && words[k][0] != '\0';
        for (int level = 0; level < 3; level++)
            complete = complete && c->seconds[level] > 0;
        check(complete, "%s has statement, source, hypothesis, control, parameters and times",
              c->kind.name);
        if (claim != cf_claims) {
            int before = 0, number = 0;
            sscanf(claim[-1]->kind.name, "C%d", &before);
            sscanf(c->kind.name, "C%d", &number);
            check(number > before, "%s comes in its order", c->kind.name);
        }
    }
}

/* --- parameters --- */

static void test_levels(void)
{
    for (int level = 0; level < 3; level++) {
        cf_err err = {0};
        double seconds = NAN;
        const cf_validation_setup setup = {.level = (cf_level)level};
        check(cf_validation_estimate(&setup, &seconds, &err) == CF_OK && seconds > 0,
              "the parameters of level %d are valid%s%s", level, err.message[0] ? ": " : "",
              err.message);
        if (level == CF_LEVEL_QUICK)
            check_below(seconds, 60, "quick is for CI");
        if (level == CF_LEVEL_DEFAULT)
            check_below(seconds, 900, "the default takes a quarter of an hour at most");
    }
}

static void test_refusals(void)
{
    static const struct {
        const char *name, *setting, *says;
    } cases[] = {{"C66", NULL, "did you mean `C6`?"},
                 {"c6", NULL, "did you mean `C6`?"},
                 {"C6", "C6.tua=0.1", "did you mean `tau`?"},
                 {"C6", "C6.tau=7", "C6.tau = 7: must be in [0.001, 1]"},
                 {"C6", "C6.tau=[0.1, 0]", "C6.tau.1 = 0: must be in"},
                 {"C6", "C6.tau=warm", "must be a number"},
                 {"C6", "C6.tau=[]", "must be a list of numbers"},
                 {"C6", "C6.psi=[log, lgo]", "did you mean `log`?"},
                 {"C6", "C6.psi=[]", "must be a list of words"},
                 {"C6", "C7.tau=0.1", "C7 is not among the claims to check"},
                 {"C6", "C16.tau=0.1", "no such claim"},
                 {"C6", "C6=0.1", "must name a parameter"},
                 {"C6", "tau=0.1", "no such claim"}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        cf_err err = {0};
        cf_validation *validation = NULL;
        const cf_validation_setup setup = {.names = &cases[k].name,
                                           .name_count = 1,
                                           .settings = &cases[k].setting,
                                           .setting_count = cases[k].setting != NULL};
        check(cf_validate(&setup, &validation, &err) == CF_EINPUT && validation == NULL &&
                  strstr(err.message, cases[k].says) != NULL,
              "%s %s is refused: %s", cases[k].name,
              cases[k].setting != NULL ? cases[k].setting : "", err.message);
        cf_validation_free(&validation);
    }
}

/* --- a validation --- */

typedef struct {
    size_t begun, measured, ended, most;
} counter;

static void begun(void *context, const cf_claim *claim)
{
    (void)claim;
    ((counter *)context)->begun++;
}

static void measured(void *context, const cf_claim *claim, const cf_verdict *v)
{
    (void)claim, (void)v;
    ((counter *)context)->measured++;
}

static void ended(void *context, const cf_claim_report *report)
{
    (void)report;
    ((counter *)context)->ended++;
}

static bool interrupted(void *context)
{
    const counter *c = context;
    return c->measured >= c->most;
}

static cf_validation *validate(const char *name, const char *const *settings, size_t count,
                               counter *c)
{
    cf_err err = {0};
    cf_validation *validation = NULL;
    const cf_validation_setup setup = {.names = &name,
                                       .name_count = 1,
                                       .settings = settings,
                                       .setting_count = count,
                                       .level = CF_LEVEL_QUICK,
                                       .context = c,
                                       .begun = begun,
                                       .measured = measured,
                                       .ended = ended,
                                       .interrupted = interrupted};
    require(cf_validate(&setup, &validation, &err), &err, name);
    return validation;
}

static void test_validation(void)
{
    counter c = {.most = 1000};
    cf_validation *v = validate("C6", NULL, 0, &c);
    const cf_claim_report *report = &v->reports[0];
    check(v->count == 1 && v->holds && report->holds, "C6 holds");
    check(c.begun == 1 && c.ended == 1 && c.measured == report->count, "and was seen at work");
    check(report->curve_count > 0, "with its figure");
    check(strstr(report->options, "tau: [0.05, 0.1]") != NULL, "and its parameters on record");
    cf_validation_free(&v);
    const char *const settings[] = {"C6.tau=[0.3, 0.02]", "C6.psi=identity", "C6.clusters=7",
                                    "C6.epsilon=1e-5"};
    c = (counter){.most = 1000};
    v = validate("C6", settings, 4, &c);
    check(v->holds, "C6 holds elsewhere, too");
    check(strstr(v->reports[0].options, "psi: [identity]") != NULL &&
              strstr(v->reports[0].options, "tau: [0.3, 0.02]") != NULL,
          "which is on record: %s", v->reports[0].options);
    cf_validation_free(&v);
    c = (counter){.most = 3};
    v = validate("C6", NULL, 0, &c);
    check(v->interrupted && !v->holds && v->reports[0].count == 3,
          "an interrupted validation keeps what it has, and does not hold");
    cf_validation_free(&v);
}

/* Claims that take no time, each with other parameters than its own. */
static void test_claims(void)
{
    static const struct {
        const char *name, *settings[4];
    } cases[] = {{"C1", {"C1.tau=[0.01, 30]", "C1.dimension=[2, 40]", "C1.points=17", "C1.seed=5"}},
                 {"C2", {"C2.tau=0.4", "C2.loss=[log, nt-xent]", "C2.dimension=4", "C2.width=9"}},
                 {"C3", {"C3.tau=0.8", "C3.psi=log", "C3.eta=power", "C3.points=5"}},
                 {"C4",
                  {"C4.tau=[0.4, 3]", "C4.configuration=[polygon-9, simplex-4]", "C4.particles=1",
                   "C4.psi=log"}},
                 {"C5", {"C5.tau=0.7", "C5.dimension=[2, 4]", "C5.flow-dimension=2", "C5.seed=3"}},
                 {"C7", {"C7.tau=0.2", "C7.psi=identity", "C7.dimension=3", "C7.degrees=[2, 4]"}}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        counter c = {.most = 100000};
        cf_validation *v = validate(cases[k].name, cases[k].settings, 4, &c);
        for (size_t i = 0; i < v->reports[0].count; i++) {
            const cf_verdict *number = &v->reports[0].verdicts[i];
            if (!cf_verdict_good(number))
                printf("# %s: %s: predicted %.9g, measured %.9g, tolerance %g\n",
                       number->parameters, number->quantity, number->predicted, number->measured,
                       number->tolerance);
        }
        check(v->holds, "%s holds (%s)", cases[k].name, v->reports[0].claim->title);
        cf_validation_free(&v);
    }
}

int main(void)
{
    test_rules();
    test_controls();
    test_table();
    test_levels();
    test_refusals();
    test_validation();
    test_claims();
    return check_done();
}
