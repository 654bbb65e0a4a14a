#define _POSIX_C_SOURCE 200809L
#include "checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "contraflow/run/file.h"
#include "contraflow/solver/memory.h"
#include "difference.h"
#include "provenance.h"
#include "result_pass.h"
#include "sha256.h"

static const char MAGIC[] = "contraflow checkpoint ";
static const char FORMAT[] = "1";
enum { DIGEST = 64 };

struct cf_checkpoint {
    const cf_checkpoint_section *section;
    char *path, *identity;
    cf_checkpoint_place place;
    cf_archive state; /* of the last restart point of the flow; empty: there was none */
    char *content;    /* of the file that was read, */
    size_t size;
    cf_archive rest; /* and what is left of it */
    double written_at;
    size_t written_outputs;
    char failure[256]; /* of the last file that could not be written; "" if none */
};

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

cf_status cf_checkpoint_create(const cf_parts *parts, const char *path, cf_checkpoint **out,
                               cf_err *err)
{
    *out = NULL;
    cf_checkpoint *c = cf_allocate("checkpoint", 1, sizeof *c, err);
    if (c == NULL)
        return CF_ESYSTEM;
    c->section = parts->problem->checkpoint;
    c->path = cf_duplicate_text(path, err);
    c->written_at = seconds_now();
    cf_status status = c->path == NULL ? CF_ESYSTEM : CF_OK;
    if (status == CF_OK)
        status = cf_provenance_identity(parts->problem, &c->identity, err);
    if (status != CF_OK)
        cf_checkpoint_free(&c);
    *out = c;
    return status;
}

void cf_checkpoint_free(cf_checkpoint **checkpoint)
{
    cf_checkpoint *c = *checkpoint;
    if (c == NULL)
        return;
    cf_archive_release(&c->state);
    free(c->path);
    free(c->identity);
    free(c->content);
    free(c);
    *checkpoint = NULL;
}

/* --- reading --- */

static cf_status refuse(const cf_checkpoint *c, const char *reason, cf_err *err)
{
    return cf_fail(err, CF_EINPUT, "%s: %s; run without --resume to begin anew", c->path, reason);
}

/* The bytes after the lines of format and checksum. */
static cf_status open_content(cf_checkpoint *c, cf_err *err)
{
    const char *at = c->content;
    char digest[DIGEST + 1];
    if (c->size < sizeof MAGIC || strncmp(at, MAGIC, strlen(MAGIC)) != 0)
        return refuse(c, "is no checkpoint", err);
    at += strlen(MAGIC);
    if (strncmp(at, FORMAT, strlen(FORMAT)) != 0 || at[strlen(FORMAT)] != '\n')
        return refuse(c, "is a checkpoint in the format of another version", err);
    at += strlen(FORMAT) + 1;
    size_t head = (size_t)(at - c->content) + DIGEST + 1;
    if (c->size < head)
        return refuse(c, "is cut off", err);
    cf_sha256(c->content + head, c->size - head, digest);
    if (strncmp(at, digest, DIGEST) != 0 || at[DIGEST] != '\n')
        return refuse(c, "is damaged: its checksum does not fit", err);
    c->rest = cf_archive_of(c->content + head, c->size - head);
    return CF_OK;
}

static cf_status check_identity(const cf_checkpoint *c, const char *known, cf_err *err)
{
    char what[512];
    size_t program = strcspn(known, "\n"), build = program + 1;
    build += strcspn(known + program + 1, "\n");
    bool same_program = strncmp(known, c->identity, build) == 0;
    if (strcmp(known, c->identity) == 0)
        return CF_OK;
    snprintf(what, sizeof what, "%.400s: is a checkpoint of another %s", c->path,
             same_program ? "problem" : "version");
    return cf_difference_fail(what, known, c->identity, "run without --resume to begin anew", err);
}

static cf_status pass_place(cf_archive *archive, cf_checkpoint_place *place, cf_err *err)
{
    cf_status status = cf_archive_pass(archive, &place->flow, sizeof place->flow, err);
    if (status == CF_OK)
        status = cf_archive_pass(archive, &place->stopped, sizeof place->stopped, err);
    if (status == CF_OK)
        status = cf_archive_pass(archive, &place->inside, sizeof place->inside, err);
    return status == CF_OK ? cf_archive_pass(archive, &place->seconds, sizeof place->seconds, err)
                           : status;
}

cf_status cf_checkpoint_read(cf_checkpoint *c, cf_result *result, cf_checkpoint_place *place,
                             bool *found, cf_err *err)
{
    char *identity = NULL;
    *found = access(c->path, F_OK) == 0;
    if (!*found)
        return CF_OK;
    cf_status status = cf_file_read(c->path, &c->content, &c->size, err);
    if (status == CF_OK)
        status = open_content(c, err);
    if (status == CF_OK)
        status = cf_archive_pass_text(&c->rest, &identity, err);
    if (status == CF_OK)
        status = check_identity(c, identity, err);
    if (status == CF_OK)
        status = pass_place(&c->rest, place, err);
    if (status == CF_OK)
        status = cf_result_pass(result, "/flows/", &c->rest, err);
    free(identity);
    return status;
}

/* What was read becomes the last restart point. */
cf_status cf_checkpoint_resume(cf_checkpoint *c, cf_collector *collector, cf_archive **state,
                               cf_err *err)
{
    void *bytes = NULL;
    size_t size = 0;
    *state = NULL;
    cf_status status = cf_archive_pass_array(&c->rest, &bytes, &size, 1, err);
    if (status == CF_OK)
        status = cf_collector_pass(collector, &c->rest, err);
    if (status == CF_OK)
        status = cf_collector_mark(collector, err);
    cf_archive_release(&c->state);
    c->state = (cf_archive){.bytes = bytes, .size = size, .room = size};
    c->place.inside = true;
    c->rest = cf_archive_of(bytes, size);
    *state = &c->rest;
    return status;
}

/* --- writing --- */

void cf_checkpoint_begin(cf_checkpoint *c, const cf_checkpoint_place *place)
{
    c->place = *place;
    cf_archive_release(&c->state);
    c->written_outputs = 0;
}

static cf_status pass_all(cf_checkpoint *c, cf_collector *collector, cf_result *result,
                          cf_archive *archive, cf_err *err)
{
    void *bytes = c->state.bytes;
    c->place.inside = c->state.size > 0;
    cf_status status = cf_archive_pass_text(archive, &c->identity, err);
    if (status == CF_OK)
        status = pass_place(archive, &c->place, err);
    if (status == CF_OK)
        status = cf_result_pass(result, "/flows/", archive, err);
    if (status == CF_OK && c->place.inside)
        status = cf_archive_pass_array(archive, &bytes, &c->state.size, 1, err);
    return status == CF_OK && c->place.inside ? cf_collector_pass(collector, archive, err) : status;
}

cf_status cf_checkpoint_write(cf_checkpoint *c, cf_collector *collector, cf_result *result,
                              cf_err *err)
{
    char head[sizeof MAGIC + sizeof FORMAT + DIGEST + 1];
    cf_archive archive = {.bytes = NULL};
    size_t length = sizeof head - 1;
    memset(head, ' ', length); /* room for the lines in front, to be filled in last */
    cf_status status = cf_archive_pass(&archive, head, length, err);
    if (status == CF_OK)
        status = pass_all(c, collector, result, &archive, err);
    if (status == CF_OK) {
        char digest[DIGEST + 1];
        cf_sha256(archive.bytes + length, archive.size - length, digest);
        snprintf(head, sizeof head, "%s%s\n%s\n", MAGIC, FORMAT, digest);
        memcpy(archive.bytes, head, length);
        status = cf_file_replace(c->path, archive.bytes, archive.size, err);
    }
    cf_archive_release(&archive);
    c->written_at = seconds_now();
    c->written_outputs = cf_collector_outputs(collector);
    return status;
}

static bool is_due(const cf_checkpoint *c, const cf_collector *collector)
{
    const cf_checkpoint_section *section = c->section;
    size_t outputs = cf_collector_outputs(collector) - c->written_outputs;
    return (section->minutes > 0 && seconds_now() - c->written_at >= 60 * section->minutes) ||
           (section->outputs > 0 && outputs >= (size_t)section->outputs);
}

cf_status cf_checkpoint_offer(cf_checkpoint *c, const cf_archive *state, cf_collector *collector,
                              cf_result *result, const cf_checkpoint_place *place, cf_err *err)
{
    cf_archive_release(&c->state);
    c->place = *place;
    cf_status status = cf_archive_pass(&c->state, state->bytes, state->size, err);
    if (status == CF_OK)
        status = cf_collector_mark(collector, err);
    cf_err failure = {0};
    if (status == CF_OK && is_due(c, collector))
        cf_checkpoint_write(c, collector, result, &failure);
    if (failure.status != CF_OK)
        snprintf(c->failure, sizeof c->failure, "a checkpoint was lost: %.200s", failure.message);
    return status;
}

const char *cf_checkpoint_message(const cf_checkpoint *checkpoint)
{
    return checkpoint->failure;
}

void cf_checkpoint_remove(const cf_checkpoint *checkpoint)
{
    cf_file_remove(checkpoint->path);
}
