#define _POSIX_C_SOURCE 200809L
#include "sweep_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "contraflow/run/file.h"
#include "contraflow/solver/memory.h"
#include "difference.h"
#include "sha256.h"

/* A record of the journal: the line "RUN SECONDS BYTES HASH", then as many bytes of rows. */
enum { HASHED = 16, LONGEST_LINE = 128 };

struct cf_sweep_folder {
    char *path;
    int lock, journal; /* file descriptors */
};

static cf_status fail(const char *path, const char *what, cf_err *err)
{
    return cf_fail(err, CF_EINPUT, "%s: %s (%s)", path, what, strerror(errno));
}

static char *path_in(const cf_sweep_folder *folder, const char *name, cf_err *err)
{
    size_t size = strlen(folder->path) + strlen(name) + 2;
    char *path = cf_allocate("path", size, 1, err);
    if (path != NULL)
        snprintf(path, size, "%s/%s", folder->path, name);
    return path;
}

static cf_status open_in(const cf_sweep_folder *folder, const char *name, int *file, cf_err *err)
{
    char *path = path_in(folder, name, err);
    if (path == NULL)
        return CF_ESYSTEM;
    *file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    cf_status status = *file >= 0 ? CF_OK : fail(path, "cannot be written", err);
    free(path);
    return status;
}

/* A lock of the process, which dies with it and is not inherited by its children. */
static cf_status lock_folder(cf_sweep_folder *folder, cf_err *err)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    cf_status status = open_in(folder, "lock", &folder->lock, err);
    if (status != CF_OK || fcntl(folder->lock, F_SETLK, &whole) == 0)
        return status;
    if (errno != EACCES && errno != EAGAIN)
        return fail(folder->path, "cannot be locked", err);
    struct flock holder = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(folder->lock, F_GETLK, &holder) != 0 || holder.l_type == F_UNLCK)
        holder.l_pid = 0;
    return cf_fail(err, CF_EINPUT,
                   "%s: is in use by process %ld; wait for it, or name another folder",
                   folder->path, (long)holder.l_pid);
}

/* Files that a killed process was about to write; under the lock nobody else is. */
static void remove_parts(const cf_sweep_folder *folder, const char *name, cf_err *err)
{
    char *path = path_in(folder, name, err);
    DIR *files = path == NULL ? NULL : opendir(path);
    const struct dirent *file;
    while (files != NULL && (file = readdir(files)) != NULL) {
        const char *dot = strrchr(file->d_name, '.');
        if (dot != NULL && strcmp(dot, ".part") == 0)
            unlinkat(dirfd(files), file->d_name, 0);
    }
    if (files != NULL)
        closedir(files);
    free(path);
}

static cf_status refuse_changed(const char *path, const char *before, const char *now, cf_err *err)
{
    char what[512];
    snprintf(what, sizeof what, "%.400s: the sweep in it has changed", path);
    return cf_difference_fail(what, before, now, "go back to that, or name another folder", err);
}

static cf_status check_identity(const cf_sweep_folder *folder, const char *identity, bool resume,
                                cf_err *err)
{
    char *path = path_in(folder, "sweep.yaml", err), *known = NULL;
    size_t size;
    if (path == NULL)
        return CF_ESYSTEM;
    cf_status status = CF_OK;
    if (access(path, F_OK) != 0)
        status = cf_file_replace(path, identity, strlen(identity), err);
    else if (!resume)
        status = cf_fail(err, CF_EINPUT,
                         "%s: holds a sweep already; --resume goes on with it, or name another "
                         "folder",
                         folder->path);
    else
        status = cf_file_read(path, &known, &size, err);
    if (status == CF_OK && known != NULL && strcmp(known, identity) != 0)
        status = refuse_changed(folder->path, known, identity, err);
    free(known);
    free(path);
    return status;
}

cf_status cf_sweep_folder_open(const char *path, const char *identity, bool resume,
                               cf_sweep_folder **out, cf_err *err)
{
    *out = NULL;
    cf_sweep_folder *folder = cf_allocate("sweep", 1, sizeof *folder, err);
    if (folder == NULL)
        return CF_ESYSTEM;
    folder->lock = folder->journal = -1;
    folder->path = cf_duplicate_text(path, err);
    cf_status status = folder->path == NULL ? CF_ESYSTEM : CF_OK;
    if (status == CF_OK && mkdir(path, 0777) != 0 && errno != EEXIST)
        status = fail(path, "the folder cannot be made", err);
    if (status == CF_OK)
        status = lock_folder(folder, err);
    if (status == CF_OK)
        status = check_identity(folder, identity, resume, err);
    if (status == CF_OK) {
        remove_parts(folder, ".", err);
        remove_parts(folder, "runs", err);
    }
    if (status == CF_OK)
        status = open_in(folder, "journal", &folder->journal, err);
    if (status != CF_OK)
        cf_sweep_folder_close(&folder);
    *out = folder;
    return status;
}

void cf_sweep_folder_close(cf_sweep_folder **folder)
{
    if (*folder == NULL)
        return;
    if ((*folder)->journal >= 0)
        close((*folder)->journal);
    if ((*folder)->lock >= 0)
        close((*folder)->lock);
    free((*folder)->path);
    free(*folder);
    *folder = NULL;
}

/* --- the journal --- */

static void hash_of(const char *rows, size_t size, char hash[HASHED + 1])
{
    char whole[65];
    cf_sha256(rows, size, whole);
    snprintf(hash, HASHED + 1, "%.*s", HASHED, whole);
}

/* One record at `at`; 0 where it is damaged or cut off, else its size. */
static size_t read_record(const char *at, size_t left, size_t *run, double *seconds,
                          const char **rows, size_t *bytes)
{
    char line[LONGEST_LINE], hash[HASHED + 1], expected[HASHED + 1];
    const char *end = memchr(at, '\n', left < sizeof line ? left : sizeof line - 1);
    if (end == NULL)
        return 0;
    snprintf(line, sizeof line, "%.*s", (int)(end - at), at);
    if (sscanf(line, "%zu %lf %zu %16s", run, seconds, bytes, expected) != 4)
        return 0;
    *rows = end + 1;
    if (*bytes > left - (size_t)(*rows - at))
        return 0;
    hash_of(*rows, *bytes, hash);
    return strcmp(hash, expected) == 0 ? (size_t)(*rows - at) + *bytes : 0;
}

static cf_status keep_rows(const char *rows, size_t bytes, char **out, cf_err *err)
{
    free(*out);
    *out = cf_allocate("sweep", bytes + 1, 1, err);
    if (*out == NULL)
        return CF_ESYSTEM;
    memcpy(*out, rows, bytes);
    return CF_OK;
}

cf_status cf_sweep_folder_read(cf_sweep_folder *folder, size_t runs, char **rows, double *seconds,
                               cf_err *err)
{
    char *path = path_in(folder, "journal", err), *content = NULL;
    size_t size = 0, at = 0, length, run, bytes;
    const char *text;
    double took;
    cf_status status = path == NULL ? CF_ESYSTEM : cf_file_read(path, &content, &size, err);
    while (status == CF_OK &&
           (length = read_record(content + at, size - at, &run, &took, &text, &bytes)) > 0 &&
           run < runs) {
        status = keep_rows(text, bytes, &rows[run], err);
        seconds[run] = took;
        at += length;
    }
    if (status == CF_OK &&
        (ftruncate(folder->journal, (off_t)at) != 0 || lseek(folder->journal, 0, SEEK_END) < 0))
        status = fail(path, "cannot be written", err);
    free(content);
    free(path);
    return status;
}

static bool write_all(int file, const char *content, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t count = write(file, content + done, size - done);
        if (count < 0 && errno != EINTR)
            return false;
        done += count > 0 ? (size_t)count : 0;
    }
    return true;
}

cf_status cf_sweep_folder_append(cf_sweep_folder *folder, size_t run, double seconds,
                                 const char *rows, cf_err *err)
{
    char hash[HASHED + 1], line[LONGEST_LINE];
    size_t bytes = strlen(rows);
    hash_of(rows, bytes, hash);
    int length = snprintf(line, sizeof line, "%zu %.6g %zu %s\n", run, seconds, bytes, hash);
    if (write_all(folder->journal, line, (size_t)length) && write_all(folder->journal, rows, bytes))
        return CF_OK;
    return cf_fail(err, CF_ESYSTEM, "%s/journal: cannot be written (%s): free some space",
                   folder->path, strerror(errno));
}

cf_status cf_sweep_folder_flush(cf_sweep_folder *folder, cf_err *err)
{
    if (fdatasync(folder->journal) == 0)
        return CF_OK;
    return cf_fail(err, CF_ESYSTEM, "%s/journal: cannot be written (%s)", folder->path,
                   strerror(errno));
}
