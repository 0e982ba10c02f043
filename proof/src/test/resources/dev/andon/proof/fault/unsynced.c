/*
 * Keeps, beside a folder, what of it would survive if the machine lost its power: the content that each file had when it
 * was synced last, and the names that each folder had when it was. The folder itself stays as the process sees it; who ran
 * the process puts the two together after killing it.
 *
 * ANDON_UNSYNCED_ROOT  the folder, absolute and without links
 * ANDON_UNSYNCED_KEPT  a folder for what is kept: "<inode>" a file's content, "d<inode>" a folder's lines of "<inode> <name>"
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *root;
static const char *kept;

__attribute__((constructor)) static void begin(void) {
    root = getenv("ANDON_UNSYNCED_ROOT");
    kept = getenv("ANDON_UNSYNCED_KEPT");
}

static int below_root(const char *path) {
    size_t length = root == NULL || kept == NULL ? 0 : strlen(root);
    return length > 0 && strncmp(path, root, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static void fail(const char *what) {
    dprintf(2, "unsynced: %s failed\n", what);
    abort();
}

static void name_of(char *name, const char *kind, ino_t inode) {
    snprintf(name, PATH_MAX, "%s/%s%lu", kept, kind, (unsigned long) inode);
}

static int real_open(const char *path, int flags, mode_t mode) {
    static int (*next)(int, const char *, int, ...);
    if (next == NULL) {
        next = dlsym(RTLD_NEXT, "openat");
    }
    return next(AT_FDCWD, path, flags, mode);
}

static int open_part(char *part) {
    snprintf(part, PATH_MAX, "%s/part", kept);
    int out = real_open(part, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (out < 0) {
        fail("open");
    }
    return out;
}

static void keep_file(const char *source, ino_t inode) {
    char part[PATH_MAX], whole[PATH_MAX], buffer[65536];
    int in = real_open(source, O_RDONLY, 0);
    if (in < 0) {
        return;
    }
    int out = open_part(part);
    ssize_t length;
    while ((length = read(in, buffer, sizeof buffer)) > 0) {
        if (write(out, buffer, length) != length) {
            fail("write");
        }
    }
    close(in);
    close(out);
    name_of(whole, "", inode);
    if (rename(part, whole) != 0) {
        fail("rename");
    }
}

static void keep_folder(const char *path, ino_t inode) {
    char part[PATH_MAX], whole[PATH_MAX];
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return;
    }
    int out = open_part(part);
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            dprintf(out, "%lu %s\n", (unsigned long) entry->d_ino, entry->d_name);
        }
    }
    closedir(folder);
    close(out);
    name_of(whole, "d", inode);
    if (rename(part, whole) != 0) {
        fail("rename");
    }
}

static void synced(int fd) {
    char link[64], path[PATH_MAX];
    struct stat status;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0 || fstat(fd, &status) != 0) {
        return;
    }
    path[length] = 0;
    if (!below_root(path)) {
        return;
    }
    pthread_mutex_lock(&lock);
    if (S_ISDIR(status.st_mode)) {
        keep_folder(path, status.st_ino);
    } else {
        keep_file(link, status.st_ino);
    }
    pthread_mutex_unlock(&lock);
}

int fsync(int fd) {
    synced(fd);
    return 0;
}

int fdatasync(int fd) {
    synced(fd);
    return 0;
}

/* A new file has no content that was synced, whoever had its number before. */
static void forget(const struct stat *status) {
    char name[PATH_MAX];
    name_of(name, "", status->st_ino);
    unlink(name);
    name_of(name, "d", status->st_ino);
    unlink(name);
}

static int opened(const char *path, int flags, mode_t mode) {
    struct stat status;
    if ((flags & O_CREAT) == 0 || !below_root(path) || stat(path, &status) == 0) {
        return real_open(path, flags, mode);
    }
    pthread_mutex_lock(&lock);
    int fd = real_open(path, flags, mode);
    if (fd >= 0 && fstat(fd, &status) == 0) {
        forget(&status);
    }
    pthread_mutex_unlock(&lock);
    return fd;
}

#define MODE(flags)                                  \
    mode_t mode = 0;                                 \
    if (((flags) & (O_CREAT | O_TMPFILE)) != 0) {    \
        va_list rest;                                \
        va_start(rest, flags);                       \
        mode = va_arg(rest, mode_t);                 \
        va_end(rest);                                \
    }

int open(const char *path, int flags, ...) {
    MODE(flags)
    return opened(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    MODE(flags)
    return opened(path, flags, mode);
}

int mkdir(const char *path, mode_t mode) {
    static int (*next)(const char *, mode_t);
    if (next == NULL) {
        next = dlsym(RTLD_NEXT, "mkdir");
    }
    struct stat status;
    int result = next(path, mode);
    if (result == 0 && below_root(path) && stat(path, &status) == 0) {
        forget(&status);
    }
    return result;
}
