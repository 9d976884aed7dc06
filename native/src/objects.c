#include <stdlib.h>

#include "core.h"
#include "text.h"

#define MANY ((size_t)1 << 15) /* bytes of messages: some 120 leaves, or 40 microseconds */

PyThreadState *unlock_for(const Leaves *leaves) { return leaves->used >= MANY ? PyEval_SaveThread() : NULL; }

void lock_again(PyThreadState *unlocked) {
    if (unlocked) PyEval_RestoreThread(unlocked);
}

PyObject *not_done(Outcome outcome) {
    if (outcome == NO_MEMORY) return PyErr_NoMemory();
    Py_RETURN_NONE;
}

const uint8_t *utf8_of(PyObject *text, size_t *length) {
    Py_ssize_t size;
    const char *found = PyUnicode_CheckExact(text) ? PyUnicode_AsUTF8AndSize(text, &size) : NULL;
    if (!found) {
        PyErr_Clear(); /* a lone surrogate; or no memory, and then Python will find none either */
        return NULL;
    }
    *length = (size_t)size;
    return (const uint8_t *)found;
}

Outcome withheld_hashes(PyObject *withheld, uint8_t **hashes, size_t *count) {
    int is_list = PyList_CheckExact(withheld);
    *hashes = NULL;
    *count = 0;
    if (!is_list && !PyTuple_CheckExact(withheld)) return ODD;
    Py_ssize_t size = is_list ? PyList_Size(withheld) : PyTuple_Size(withheld);
    if (size == 0) return DONE;
    if ((size_t)size > SIZE_MAX / HASH_SIZE) return NO_MEMORY;
    uint8_t *rows = malloc((size_t)size * HASH_SIZE);
    if (!rows) return NO_MEMORY;
    for (Py_ssize_t i = 0; i < size; i++) {
        size_t length;
        const uint8_t *digits = utf8_of(is_list ? PyList_GetItem(withheld, i) : PyTuple_GetItem(withheld, i), &length);
        if (!digits || length != 2 * HASH_SIZE || !read_hex(rows + HASH_SIZE * i, digits, HASH_SIZE)) {
            free(rows);
            return ODD;
        }
    }
    *hashes = rows;
    *count = (size_t)size;
    return DONE;
}
