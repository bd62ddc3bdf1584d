/* A disk that fails, for one process: loaded before the C library (LD_PRELOAD), it lets chosen calls on chosen paths fail.
 * What fails, how often and with which error stands in the file that FAULTS_CONTROL names, which is mapped: whoever
 * writes there changes it at once. Which calls are meant is in `enum calls`. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum calls { WRITE = 1, FLUSH = 2, RENAME = 4, REMOVE = 8, CREATE = 16, CUT = 32 };

struct control {
    volatile uint32_t error;       /* errno; 0: nothing fails */
    volatile uint32_t per_million; /* of the calls meant */
    volatile uint32_t calls;
    volatile uint32_t seed;
    volatile uint32_t failed; /* calls that failed so far */
    volatile uint32_t asked;
    volatile char needle[232]; /* a part of the path */
};

static struct control *control;

__attribute__((constructor)) static void begin(void) {
    const char *name = getenv("FAULTS_CONTROL");
    int file = name == NULL ? -1 : open(name, O_RDWR | O_CLOEXEC);
    if (file < 0) {
        return;
    }
    void *mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) {
        control = mapped;
    }
}

/* The same number for the same seed and count. */
static uint32_t draw(void) {
    uint64_t mixed = (uint64_t)control->seed << 32 | __sync_fetch_and_add(&control->asked, 1);
    mixed = (mixed + 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((mixed >> 32) % 1000000);
}

static int fails(uint32_t call, const char *path) {
    if (control == NULL || control->error == 0 || (control->calls & call) == 0 || path == NULL) {
        return 0;
    }
    if (strstr(path, (const char *)control->needle) == NULL || draw() >= control->per_million) {
        return 0;
    }
    __sync_fetch_and_add(&control->failed, 1);
    errno = (int)control->error;
    return 1;
}

static int file_fails(uint32_t call, int file) {
    char link[64], path[4096];
    if (control == NULL || control->error == 0 || (control->calls & call) == 0) {
        return 0;
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) {
        return 0;
    }
    path[length] = 0;
    return fails(call, path);
}

#define REAL(result, name, ...)                                                                                        \
    static result (*real)(__VA_ARGS__);                                                                                \
    if (real == NULL) {                                                                                                \
        real = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name);                                                         \
    }

ssize_t write(int file, const void *bytes, size_t count) {
    REAL(ssize_t, "write", int, const void *, size_t)
    return file_fails(WRITE, file) ? -1 : real(file, bytes, count);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    REAL(ssize_t, "writev", int, const struct iovec *, int)
    return file_fails(WRITE, file) ? -1 : real(file, parts, count);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
    REAL(ssize_t, "pwrite", int, const void *, size_t, off_t)
    return file_fails(WRITE, file) ? -1 : real(file, bytes, count, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t)
    return file_fails(WRITE, file) ? -1 : real(file, bytes, count, at);
}

int fsync(int file) {
    REAL(int, "fsync", int)
    return file_fails(FLUSH, file) ? -1 : real(file);
}

int fdatasync(int file) {
    REAL(int, "fdatasync", int)
    return file_fails(FLUSH, file) ? -1 : real(file);
}

int syncfs(int file) {
    REAL(int, "syncfs", int)
    return file_fails(FLUSH, file) ? -1 : real(file);
}

int ftruncate(int file, off_t length) {
    REAL(int, "ftruncate", int, off_t)
    return file_fails(CUT, file) ? -1 : real(file, length);
}

int ftruncate64(int file, off64_t length) {
    REAL(int, "ftruncate64", int, off64_t)
    return file_fails(CUT, file) ? -1 : real(file, length);
}

int rename(const char *from, const char *to) {
    REAL(int, "rename", const char *, const char *)
    return fails(RENAME, to) ? -1 : real(from, to);
}

int unlink(const char *path) {
    REAL(int, "unlink", const char *)
    return fails(REMOVE, path) ? -1 : real(path);
}

/* Rust's standard library removes whole folders with it; a relative path is one inside a folder that is open. */
int unlinkat(int folder, const char *path, int flags) {
    REAL(int, "unlinkat", int, const char *, int)
    int refused = path != NULL && path[0] == '/' ? fails(REMOVE, path) : file_fails(REMOVE, folder);
    return refused ? -1 : real(folder, path, flags);
}

int mkdir(const char *path, mode_t mode) {
    REAL(int, "mkdir", const char *, mode_t)
    return fails(CREATE, path) ? -1 : real(path, mode);
}

int open(const char *path, int flags, ...) {
    REAL(int, "open", const char *, int, ...)
    mode_t mode = 0;
    if (flags & (O_CREAT | O_TMPFILE)) {
        va_list more;
        va_start(more, flags);
        mode = va_arg(more, mode_t);
        va_end(more);
    }
    return (flags & O_CREAT) && fails(CREATE, path) ? -1 : real(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    REAL(int, "open64", const char *, int, ...)
    mode_t mode = 0;
    if (flags & (O_CREAT | O_TMPFILE)) {
        va_list more;
        va_start(more, flags);
        mode = va_arg(more, mode_t);
        va_end(more);
    }
    return (flags & O_CREAT) && fails(CREATE, path) ? -1 : real(path, flags, mode);
}
