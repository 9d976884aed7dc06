/* Checks that the numbers of parsed JSON have one text, and that it is nested within the limit, as a strict reader must. */
#include <string.h>

#include "core.h"
#include "text.h"

static int same_text(PyObject *number) {
    uint8_t text[NUMBER_MOST];
    char *repr = PyOS_double_to_string(PyFloat_AsDouble(number), 'r', 0, Py_DTSF_ADD_DOT_0, NULL);
    if (!repr) return 0;
    size_t length = write_number(text, repr);
    int same = length == strlen(repr) && !memcmp(text, repr, length);
    PyMem_Free(repr);
    return same;
}

static int is_plain(PyObject *value, int depth) {
    if (PyUnicode_CheckExact(value) || value == Py_None || PyBool_Check(value)) return 1;
    if (PyLong_CheckExact(value)) {
        int beyond;
        long long number = PyLong_AsLongLongAndOverflow(value, &beyond);
        return !beyond && number >= -(1LL << 53) && number <= 1LL << 53;
    }
    if (PyFloat_CheckExact(value)) return same_text(value);
    if (depth == MOST_DEPTH) return 0;
    if (PyDict_CheckExact(value)) {
        PyObject *key, *member;
        for (Py_ssize_t at = 0; PyDict_Next(value, &at, &key, &member);)
            if (!is_plain(member, depth + 1)) return 0;
        return 1;
    }
    if (!PyList_CheckExact(value)) return 0;
    Py_ssize_t size = PyList_Size(value);
    for (Py_ssize_t at = 0; at < size; at++)
        if (!is_plain(PyList_GetItem(value, at), depth + 1)) return 0;
    return 1;
}

PyObject *is_canonical(PyObject *module, PyObject *parsed) {
    (void)module;
    int plain = is_plain(parsed, 0);
    PyErr_Clear();
    if (!plain) Py_RETURN_NONE;
    Py_RETURN_TRUE;
}
