/* Runs of problems with probes, whose files are in a folder that is removed at the end. */
#ifndef CONTRAFLOW_TESTS_PROBE_RUN_H
#define CONTRAFLOW_TESTS_PROBE_RUN_H

#include "contraflow/run/run.h"

/* The folder, with five.csv, whose last point has no weight to speak of, four.csv, the same
 * without it, light.csv, that point, two.csv and five-probes.csv. */
void probe_open(void);
void probe_close(void);
extern char probe_folder[];

void probe_file(const char *name, const char *text);

/* The problem is p.yaml in that folder; settings end with NULL. */
cf_status probe_run(const char *text, const char *const *settings, cf_result **result, cf_err *err);
cf_result *probe_must_run(const char *text, const char *const *settings);

/* Of a flow by its name, or of a group by its path; NULL where there is none. */
const cf_record *probe_record(const cf_result *result, const char *flow, const char *name);

/* All that `alone` has, `with` has too. */
bool probe_same_flows(const cf_result *alone, const cf_result *with);

#endif
