/* What the files section_*.c share: messages, and the readers of single values. */
#ifndef CONTRAFLOW_RUN_SECTION_PARTS_H
#define CONTRAFLOW_RUN_SECTION_PARTS_H

#include "contraflow/run/nearest.h"
#include "section.h"

/* Fails at the node: "file:line: " or "--set ...: ", then the message. */
cf_status cf_node_fail(const cf_reader *reader, const cf_node *node, cf_err *err,
                       const char *format, ...) CF_PRINTF(4, 5);

/* "loss.tau = abc: must be a number": the thing, the value, the rule. */
cf_status cf_value_fail(const cf_reader *reader, const cf_node *node, const char *key,
                        const char *rule, cf_err *err);

/* Fails for a scalar that is none of the words offered to `nearest`. */
cf_status cf_word_fail(const cf_reader *reader, const cf_node *node, const char *key,
                       const cf_nearest *nearest, cf_err *err);

/* Appends a word to a dotted key. */
void cf_key_join(char out[CF_KEY_SIZE], const char *key, const char *next);
void cf_key_join_index(char out[CF_KEY_SIZE], const char *key, size_t index);

/* Brings a choice with further keys, eta: {kind: power, exponent: 2}, into the plain form: eta:
 * power, and exponent: 2 beside it in `section`. */
cf_status cf_choice_hoist(const cf_reader *reader, cf_node *section, const char *key,
                          const cf_option *option, cf_err *err);

/* Takes the word that names the kind of a variant out of its node, which becomes a section; the
 * first kind where there is none. WORD and {WORD: {...}} mean {kind: WORD, ...}. */
cf_status cf_kind_take(const cf_reader *reader, cf_node *node, const char *key,
                       const cf_option *option, const cf_kind **kind, cf_err *err);

/* Entry `index` repeats the key of the earlier entry `first`: --set wins over the file, and
 * anything else is refused. One of the two is gone afterwards. */
cf_status cf_repeated_settle(const cf_reader *reader, cf_node *section, const char *key,
                             size_t first, size_t index, cf_err *err);

/* NULL where the option has no such kind. */
const cf_kind *cf_kind_named(const cf_option *option, const char *name);

/* "in [0, 1]", "at least 2", or "". */
void cf_range_text(const cf_option *option, char text[80]);

/* The number in as few digits as tell it from every other. */
const char *cf_exact_text(double value, char text[32]);

/* Numbers, lists, texts, choices: all but variants and sections. */
cf_status cf_plain_value_read(const cf_reader *reader, const cf_node *node, const char *key,
                              const cf_option *option, void *field, cf_err *err);

/* Axes of a sweep, and how they are printed: entries of a section, each on a line of its own with
 * `indent` before it. */
cf_status cf_axes_read(const cf_reader *reader, cf_node *node, const char *key, cf_axes *axes,
                       cf_err *err);
void cf_axes_print(FILE *stream, const char *indent, const cf_axes *axes);

#endif
