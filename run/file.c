#define _DEFAULT_SOURCE /* flock */
#include "contraflow/run/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "contraflow/solver/memory.h"

static cf_status fail(const char *path, int number, const char *remedy, cf_err *err)
{
    bool input = number == EACCES || number == EPERM || number == ENOENT || number == ENOTDIR ||
                 number == EISDIR || number == EROFS || number == ENAMETOOLONG || number == ELOOP;
    return cf_fail(err, input ? CF_EINPUT : CF_ESYSTEM, "%s: cannot be written (%s): %s", path,
                   strerror(number), remedy);
}

static const char *remedy_of(int number)
{
    switch (number) {
    case ENOSPC:
    case EDQUOT:
        return "free some space or name another place";
    case EFBIG:
        return "the limit on the size of files (ulimit -f) is too small, or name another place";
    case ENOENT:
    case ENOTDIR:
        return "the folder must exist; make it or name another place";
    case EACCES:
    case EPERM:
    case EROFS:
        return "the folder must be writable; change its permissions or name another place";
    default:
        return "name another place";
    }
}

/* Problem files are written by people: nothing is worth one. */
static bool is_problem_name(const char *path)
{
    const char *end = strrchr(path, '.');
    return end != NULL && (strcmp(end, ".yaml") == 0 || strcmp(end, ".yml") == 0);
}

/* An existing target is replaced only where it is a regular file that may be written, and no
 * problem file. */
static cf_status check_existing(const char *path, cf_err *err)
{
    struct stat found;
    if (path[0] == '\0')
        return cf_fail(err, CF_EINPUT, "the name of the file to write is empty");
    if (stat(path, &found) != 0)
        return CF_OK;
    if (S_ISDIR(found.st_mode))
        return cf_fail(err, CF_EINPUT, "%s: is a folder: name a file in it", path);
    if (!S_ISREG(found.st_mode))
        return cf_fail(err, CF_EINPUT, "%s: is not a regular file: name another place", path);
    if (is_problem_name(path))
        return cf_fail(err, CF_EINPUT,
                       "%s: would replace a problem file: name another place with -o", path);
    if (access(path, W_OK) != 0)
        return fail(path, errno, "the file is protected; change its permissions or name another",
                    err);
    return CF_OK;
}

static char *part_name(const char *path, cf_err *err)
{
    static const char END[] = ".unfinished.part";
    size_t size = strlen(path) + sizeof END;
    char *name = cf_allocate("path", size, 1, err);
    if (name != NULL)
        snprintf(name, size, "%s%s", path, END);
    return name;
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

static bool is_named(int file, const char *name)
{
    struct stat mine, named;
    return fstat(file, &mine) == 0 && stat(name, &named) == 0 && mine.st_dev == named.st_dev &&
           mine.st_ino == named.st_ino;
}

/* The file of that name, locked until it is closed: one that a killed process left is taken over,
 * and one that another process writes is waited for, which then has a new name. Where there are no
 * locks, or no two questions agree on what a file is, processes that write the same file at once
 * are not told apart. */
static int open_part(const char *part)
{
    enum { MOST_WAITS = 1000 };
    for (int waits = 0;; waits++) {
        int file = open(part, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (file < 0)
            return file;
        while (flock(file, LOCK_EX) != 0 && errno == EINTR)
            ;
        if (is_named(file, part) || waits == MOST_WAITS)
            return file;
        close(file);
    }
}

/* Under its lock, so that the new name is that of the whole file. */
static bool write_part(int file, const char *part, const char *path, const void *content,
                       size_t size)
{
    return ftruncate(file, 0) == 0 && write_all(file, content, size) && fsync(file) == 0 &&
           rename(part, path) == 0;
}

/* Makes the new name last through a power cut; file systems without it lose nothing else. */
static void sync_folder(char *part)
{
    char *slash = strrchr(part, '/');
    if (slash != NULL)
        slash[slash == part] = '\0';
    int folder = open(slash == NULL ? "." : part, O_RDONLY | O_CLOEXEC);
    if (folder >= 0) {
        fsync(folder);
        close(folder);
    }
}

static bool begins_as_hdf5(const char *bytes, size_t size)
{
    static const char SIGNATURE[] = "\x89HDF\r\n\x1a\n";
    return size >= sizeof SIGNATURE - 1 && memcmp(bytes, SIGNATURE, sizeof SIGNATURE - 1) == 0;
}

/* Only a result replaces a result. */
static cf_status check_result(const char *path, const char *content, size_t size, cf_err *err)
{
    char old[8];
    FILE *file = begins_as_hdf5(content, size) ? NULL : fopen(path, "rb");
    bool result = file != NULL && begins_as_hdf5(old, fread(old, 1, sizeof old, file));
    if (file != NULL)
        fclose(file);
    return result ? cf_fail(err, CF_EINPUT,
                            "%s: would replace a result: name another place with -o", path)
                  : CF_OK;
}

cf_status cf_file_replace(const char *path, const void *content, size_t size, cf_err *err)
{
    cf_status status = check_existing(path, err);
    if (status == CF_OK)
        status = check_result(path, content, size, err);
    if (status != CF_OK)
        return status;
    char *part = part_name(path, err);
    if (part == NULL)
        return CF_ESYSTEM;
    int file = open_part(part);
    bool written = file >= 0 && write_part(file, part, path, content, size);
    int number = errno;
    if (file >= 0 && !written)
        unlink(part);
    if (file >= 0)
        close(file);
    if (written)
        sync_folder(part);
    free(part);
    return written ? CF_OK : fail(path, number, remedy_of(number), err);
}

static cf_status check_room(const char *path, int file, size_t size, cf_err *err)
{
    struct statvfs system;
    struct rlimit limit;
    if (fstatvfs(file, &system) == 0 &&
        (double)system.f_bavail * (double)system.f_frsize < (double)size)
        return fail(path, ENOSPC, remedy_of(ENOSPC), err);
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
        limit.rlim_cur < size)
        return fail(path, EFBIG, remedy_of(EFBIG), err);
    return CF_OK;
}

cf_status cf_file_check_target(const char *path, size_t size, cf_err *err)
{
    cf_status status = check_existing(path, err);
    if (status != CF_OK)
        return status;
    char *part = part_name(path, err);
    if (part == NULL)
        return CF_ESYSTEM;
    int file = open_part(part);
    if (file < 0) {
        status = fail(path, errno, remedy_of(errno), err);
    } else {
        status = check_room(path, file, size, err);
        unlink(part);
        close(file);
    }
    free(part);
    return status;
}

void cf_file_remove(const char *path)
{
    char *part = part_name(path, NULL);
    if (part != NULL)
        unlink(part);
    free(part);
    unlink(path);
}

bool cf_file_same(const char *path, const char *other)
{
    struct stat a, b;
    return stat(path, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

cf_status cf_file_read(const char *path, char **content, size_t *size, cf_err *err)
{
    *content = NULL;
    *size = 0;
    struct stat found;
    FILE *file = fopen(path, "rb");
    int number = errno;
    bool regular = file != NULL && fstat(fileno(file), &found) == 0 && S_ISREG(found.st_mode);
    if (!regular) {
        if (file != NULL)
            fclose(file);
        return cf_fail(err, CF_EINPUT, "%s: cannot be read (%s)", path,
                       file == NULL ? strerror(number) : "not a regular file");
    }
    *size = (size_t)found.st_size;
    *content = cf_allocate(path, *size + 1, 1, err);
    bool whole = *content != NULL && fread(*content, 1, *size, file) == *size;
    fclose(file);
    if (whole)
        return CF_OK;
    free(*content);
    *content = NULL;
    return cf_fail(err, CF_ESYSTEM, "%s: cannot be read to its end", path);
}
