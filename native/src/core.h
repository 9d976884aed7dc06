/* Functions of the Python module: each takes parsed JSON and returns None for data that is not plain. */
#ifndef EBL_CORE_H
#define EBL_CORE_H

/* The limited API of CPython 3.11: one build for every later version that has a GIL. */
#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030B0000
#endif
#include <pyconfig.h>
#ifdef Py_GIL_DISABLED
#error "ebl-native is not built for a Python without the GIL: ebl is used there in pure Python, with the same results"
#endif
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "leaves.h"

PyObject *oa2_examine(PyObject *module, PyObject *arguments);
PyObject *oa2_salt(PyObject *module, PyObject *arguments);
PyObject *oa2_plain(PyObject *module, PyObject *data);
PyObject *oa3_examine(PyObject *module, PyObject *arguments);
PyObject *is_canonical(PyObject *module, PyObject *parsed);
PyObject *list_hash(PyObject *module, PyObject *arguments);
PyObject *merkle_leads(PyObject *module, PyObject *arguments);
PyObject *merkle_path(PyObject *module, PyObject *arguments);
PyObject *merkle_layers(PyObject *module, PyObject *leaves);

/* Lets other threads run while many leaves are hashed. A few leaves take less time than releasing and taking the GIL, for which
 * busy threads would make this one wait. Pass the returned value to `lock_again`. */
PyThreadState *unlock_for(const Leaves *leaves);
void lock_again(PyThreadState *unlocked);

/* Returns None for ODD, MemoryError for NO_MEMORY. */
PyObject *not_done(Outcome outcome);

/* Returns the UTF-8 of an object that is exactly a str; NULL, without an error set, for anything else and for lone surrogates.
 * The bytes are valid as long as the string. */
const uint8_t *utf8_of(PyObject *text, size_t *length);

/* Decodes hashes in hex, a tuple or list of strings, to bytes that the caller frees; `*hashes` is NULL if there are none. */
Outcome withheld_hashes(PyObject *withheld, uint8_t **hashes, size_t *count);

#endif
