/* Checkpoints of a run: a file from which it goes on with the same bits; private to run/.
 * The file is a line of text, a checksum, and then the identity of program and problem, the flows
 * that have ended, and what the present flow has gathered and depends on, as bytes of this build.
 */
#ifndef CONTRAFLOW_RUN_CHECKPOINT_H
#define CONTRAFLOW_RUN_CHECKPOINT_H

#include <stdbool.h>

#include "collect.h"
#include "contraflow/run/parts.h"
#include "contraflow/run/result.h"
#include "contraflow/solver/archive.h"

typedef struct cf_checkpoint cf_checkpoint;

/* Where a run is. */
typedef struct {
    size_t flow;    /* that runs */
    bool stopped;   /* an earlier flow was, by the numbers */
    bool inside;    /* the flow is past a restart point */
    double seconds; /* that the present flow has taken */
} cf_checkpoint_place;

cf_status cf_checkpoint_create(const cf_parts *parts, const char *path, cf_checkpoint **out,
                               cf_err *err);
void cf_checkpoint_free(cf_checkpoint **checkpoint);

/* Reads the file, if there is one: *found. Flows that have ended are added to the result. CF_EINPUT
 * for a file that is damaged, or of another version or problem, with the reason. */
cf_status cf_checkpoint_read(cf_checkpoint *checkpoint, cf_result *result,
                             cf_checkpoint_place *place, bool *found, cf_err *err);

/* Once after a read of a place inside a flow: gives the collector, which has seen the start of that
 * flow, what it had gathered; *state is that of the integration (borrowed). */
cf_status cf_checkpoint_resume(cf_checkpoint *checkpoint, cf_collector *collector,
                               cf_archive **state, cf_err *err);

/* A restart point: notes the state, and writes the file where it is due. A file that cannot be
 * written leaves the last one in place, and the run goes on; the message says so. */
cf_status cf_checkpoint_offer(cf_checkpoint *checkpoint, const cf_archive *state,
                              cf_collector *collector, cf_result *result,
                              const cf_checkpoint_place *place, cf_err *err);

/* Writes the last restart point of the flow that runs. */
cf_status cf_checkpoint_write(cf_checkpoint *checkpoint, cf_collector *collector, cf_result *result,
                              cf_err *err);

const char *cf_checkpoint_message(const cf_checkpoint *checkpoint); /* "" if all is well */

/* The next flow begins: no restart point of it is known. */
void cf_checkpoint_begin(cf_checkpoint *checkpoint, const cf_checkpoint_place *place);

/* Removes the file of a run that has ended. */
void cf_checkpoint_remove(const cf_checkpoint *checkpoint);

#endif
