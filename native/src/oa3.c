/* OpenAttestation v3: the digest of a document with the salts of its leaves, and the remarks about it. */
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "text.h"

/* A remark about a path. It is reported after the walk, because making a list may run Python code. */
typedef struct {
    size_t at, path_length, value_length;
} Remark;

#define NO_VALUE ((size_t)-1)
/* The text around a salt and its path, as a proof usually has it. */
#define BEFORE "{\"value\":\""
#define BETWEEN "\",\"path\":\""
#define AFTER "\"}"
#define SIZE_OF(text) (sizeof(text) - 1)

typedef struct {
    uint8_t *text;
    size_t used, room;
    Remark *remarks;
    size_t count, most;
} Remarks;

typedef struct {
    Leaves *leaves;
    const uint8_t *next; /* what is left of the JSON of the salts, which are in the order of the leaves */
    size_t left;
    Remarks empty, loose;
} Salted;

static Outcome remark(Remarks *remarks, const uint8_t *path, size_t path_length, const uint8_t *value, size_t value_length) {
    size_t size = path_length + (value_length == NO_VALUE ? 0 : value_length);
    if (remarks->count == remarks->most) {
        size_t most = remarks->most ? 2 * remarks->most : 16;
        Remark *more = realloc(remarks->remarks, most * sizeof *more);
        if (!more) return NO_MEMORY;
        remarks->remarks = more;
        remarks->most = most;
    }
    if (remarks->room - remarks->used < size) {
        if (size > SIZE_MAX / 2 - remarks->used) return NO_MEMORY;
        size_t room = 2 * (remarks->used + size) + 256;
        uint8_t *more = realloc(remarks->text, room);
        if (!more) return NO_MEMORY;
        remarks->text = more;
        remarks->room = room;
    }
    memcpy(remarks->text + remarks->used, path, path_length);
    if (size > path_length) memcpy(remarks->text + remarks->used + path_length, value, value_length);
    remarks->remarks[remarks->count++] = (Remark){remarks->used, path_length, value_length};
    remarks->used += size;
    return DONE;
}

static PyObject *text_at(const Remarks *remarks, size_t at, size_t length) {
    return PyUnicode_FromStringAndSize(remarks->text ? (const char *)remarks->text + at : "", (Py_ssize_t)length);
}

/* Returns a list of paths or, with values, of (path, value or None). */
static PyObject *told(const Remarks *remarks, int with_values) {
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < remarks->count; i++) {
        const Remark *one = &remarks->remarks[i];
        PyObject *item = text_at(remarks, one->at, one->path_length);
        if (item && with_values) {
            PyObject *value = NULL;
            if (one->value_length != NO_VALUE) value = text_at(remarks, one->at + one->path_length, one->value_length);
            else Py_INCREF(Py_None), value = Py_None;
            item = value ? Py_BuildValue("NN", item, value) : (Py_DECREF(item), NULL);
        }
        if (!item || PyList_Append(list, item)) {
            Py_DECREF(list);
            list = NULL;
        }
        Py_XDECREF(item);
    }
    return list;
}

/* Returns whether a string could be read as a number, true, false or null; Python examines it further. */
static int may_read_as_another_type(const uint8_t *text, size_t length) {
    if (*text == '-' || (*text >= '0' && *text <= '9')) {
        for (size_t i = 1; i < length; i++)
            if (!(text[i] >= '0' && text[i] <= '9') && text[i] != '.' && text[i] != 'e' && text[i] != '+' && text[i] != '-') return 0;
        return 1;
    }
    return (length == 4 && (!memcmp(text, "true", 4) || !memcmp(text, "null", 4))) || (length == 5 && !memcmp(text, "false", 5));
}

/* Returns whether a name is not empty and contains no sign of paths, so that it stands in a path without escapes. */
static int is_clear_name(const uint8_t *name, size_t length) {
    if (!length) return 0;
    for (size_t i = 0; i < length; i++) {
        uint8_t byte = name[i];
        if (byte < 0x20 || byte == '"' || byte == '\\' || byte == '.' || byte == '[' || byte == ']') return 0;
    }
    return 1;
}

static Outcome lay_out(Salted *salted, PyObject *node, size_t path_length, int depth);

/* Takes the salt of the next leaf, in hex, from the JSON of the salts. NULL unless the leaf's path is with it, as usually written. */
static const uint8_t *take_salt(Salted *salted, size_t path_length) {
    const uint8_t *at = salted->next, *salt;
    const size_t size = 1 + SIZE_OF(BEFORE) + 2 * SALT_SIZE + SIZE_OF(BETWEEN) + path_length + SIZE_OF(AFTER);
    if (salted->left < size || *at++ != (salted->leaves->count ? ',' : '[')) return NULL;
    if (memcmp(at, BEFORE, SIZE_OF(BEFORE))) return NULL;
    salt = at + SIZE_OF(BEFORE), at = salt + 2 * SALT_SIZE;
    if (memcmp(at, BETWEEN, SIZE_OF(BETWEEN))) return NULL;
    at += SIZE_OF(BETWEEN);
    if (memcmp(at, salted->leaves->path, path_length) || memcmp(at + path_length, AFTER, SIZE_OF(AFTER))) return NULL;
    salted->next += size, salted->left -= size;
    return salt;
}

/* Processes one leaf, whose salt and path must be the next ones. */
static Outcome add_leaf(Salted *salted, PyObject *value, size_t path_length) {
    Leaves *leaves = salted->leaves;
    uint8_t small[NUMBER_MOST + 16];
    const uint8_t *text;
    size_t length;
    int is_text = PyUnicode_CheckExact(value);
    if (is_text) {
        text = utf8_of(value, &length);
        if (!text || !length) return ODD; /* empty: one dialect hashes it, and the other does not */
    } else {
        text = small;
        if (value == Py_True) {
            memcpy(small, "true", length = 4);
        } else if (PyLong_CheckExact(value)) {
            int beyond;
            long long number = PyLong_AsLongLongAndOverflow(value, &beyond);
            if (beyond || !number || number < -(1LL << 53) || number > 1LL << 53) return ODD;
            uint8_t *at = small;
            if (number < 0) *at++ = '-';
            length = (size_t)(write_decimal(at, (uint64_t)(number < 0 ? -number : number)) - small);
        } else if (PyFloat_CheckExact(value)) {
            double number = PyFloat_AsDouble(value);
            char *repr = number != 0 ? PyOS_double_to_string(number, 'r', 0, 0, NULL) : NULL;
            length = repr ? write_number(small, repr) : 0;
            PyMem_Free(repr);
            PyErr_Clear();
            if (!length) return ODD;
        } else {
            return ODD; /* false, null, or not JSON */
        }
    }
    const size_t digits = 2 * SALT_SIZE;
    const uint8_t *salt = take_salt(salted, path_length);
    if (!salt) return ODD;
    Outcome outcome = leaves_room(leaves, path_length, digits + 1 + length);
    if (outcome != DONE) return outcome;
    if (!read_hex(leaves->salts[leaves->salted++], salt, SALT_SIZE)) return ODD;
    uint8_t *to = leaves_begin(leaves, path_length);
    *to++ = '"';
    memcpy(to, salt, digits), to += digits;
    *to++ = ':';
    to = write_escaped(to, text, length);
    *to++ = '"';
    leaves_end(leaves, to);
    if (!is_text) return remark(&salted->loose, leaves->path, path_length, NULL, NO_VALUE);
    if (may_read_as_another_type(text, length)) return remark(&salted->loose, leaves->path, path_length, text, length);
    return DONE;
}

static Outcome add_member(Salted *salted, PyObject *value, size_t path_length, int depth) {
    int is_dict = PyDict_CheckExact(value);
    if (!is_dict && !PyList_CheckExact(value)) return add_leaf(salted, value, path_length);
    if (is_dict ? !PyDict_Size(value) : !PyList_Size(value)) {
        salted->leaves->in_paths += 1; /* empty containers have no leaves, but they take memory */
        return salted->leaves->in_paths > MOST_PATHS ? ODD : remark(&salted->empty, salted->leaves->path, path_length, NULL, NO_VALUE);
    }
    return lay_out(salted, value, path_length, depth + 1);
}

static Outcome lay_out(Salted *salted, PyObject *node, size_t path_length, int depth) {
    Leaves *leaves = salted->leaves;
    int is_dict = PyDict_CheckExact(node);
    size_t members = (size_t)(is_dict ? PyDict_Size(node) : PyList_Size(node));
    Outcome outcome = leaves_enter(leaves, path_length, members, depth);
    if (is_dict) {
        size_t prefix = path_length + (path_length > 0); /* no dot at the root */
        PyObject *key, *value;
        for (Py_ssize_t at = 0; outcome == DONE && PyDict_Next(node, &at, &key, &value);) {
            size_t length;
            const uint8_t *name = utf8_of(key, &length);
            if (!name || !is_clear_name(name, length) || length > MOST_PATH || prefix + length + 2 > MOST_PATH) return ODD;
            if (depth == 1 && length == 9 && !memcmp(name, "__proto__", 9)) return ODD;
            if (path_length) leaves->path[path_length] = '.';
            memcpy(leaves->path + prefix, name, length);
            outcome = add_member(salted, value, prefix + length, depth);
        }
        return outcome;
    }
    for (size_t at = 0; outcome == DONE && at < members; at++) {
        if (path_length + 34 > MOST_PATH) return ODD;
        leaves->path[path_length] = '[';
        size_t end = leaves_index(leaves, path_length + 1, at);
        if (end == NO_ROOM) return ODD;
        leaves->path[end] = ']';
        outcome = add_member(salted, PyList_GetItem(node, (Py_ssize_t)at), end + 1, depth);
    }
    return outcome;
}

static void drop(Salted *salted) {
    leaves_free(salted->leaves);
    free(salted->empty.text), free(salted->empty.remarks);
    free(salted->loose.text), free(salted->loose.remarks);
}

PyObject *oa3_examine(PyObject *module, PyObject *arguments) {
    PyObject *document, *salts, *withheld, *answer = NULL;
    Salted salted;
    memset(&salted, 0, sizeof salted);
    (void)module;
    if (!PyArg_ParseTuple(arguments, "OOO", &document, &salts, &withheld)) return NULL;
    if (!PyDict_CheckExact(document) || !PyBytes_CheckExact(salts)) Py_RETURN_NONE;
    salted.next = (const uint8_t *)PyBytes_AsString(salts);
    salted.left = (size_t)PyBytes_Size(salts);
    uint8_t digest[HASH_SIZE], *hashes = NULL;
    size_t count = 0;
    salted.leaves = leaves_new();
    Outcome outcome = salted.leaves ? withheld_hashes(withheld, &hashes, &count) : NO_MEMORY;
    if (outcome == DONE) outcome = lay_out(&salted, document, 0, 1);
    if (outcome == DONE && (!salted.leaves->count || salted.left != 1 || *salted.next != ']')) outcome = ODD;
    if (outcome == DONE) {
        PyThreadState *unlocked = unlock_for(salted.leaves);
        outcome = leaves_digest(salted.leaves, hashes, count, digest);
        if (outcome == DONE) outcome = leaves_distinct(salted.leaves);
        lock_again(unlocked);
    }
    free(hashes);
    if (outcome == DONE) {
        PyObject *empty = told(&salted.empty, 0), *loose = empty ? told(&salted.loose, 1) : NULL;
        if (loose)
            answer = Py_BuildValue("y#NN", (char *)digest, (Py_ssize_t)HASH_SIZE, empty, loose);
        else
            Py_XDECREF(empty);
    }
    drop(&salted);
    return outcome == DONE ? answer : not_done(outcome);
}

/* list_hash(paths, values, withheld): returns the digest of leaves given as paths and values, all of them strings. */
PyObject *list_hash(PyObject *module, PyObject *arguments) {
    PyObject *paths, *values, *withheld;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "OOO", &paths, &values, &withheld)) return NULL;
    if (!PyList_CheckExact(paths) || !PyList_CheckExact(values) || PyList_Size(paths) != PyList_Size(values)) Py_RETURN_NONE;
    uint8_t digest[HASH_SIZE], *hashes = NULL;
    size_t count = 0;
    Leaves *leaves = leaves_new();
    Outcome outcome = leaves ? withheld_hashes(withheld, &hashes, &count) : NO_MEMORY;
    Py_ssize_t size = PyList_Size(paths);
    for (Py_ssize_t at = 0; outcome == DONE && at < size; at++) {
        size_t path_length, value_length;
        const uint8_t *path = utf8_of(PyList_GetItem(paths, at), &path_length);
        const uint8_t *value = path ? utf8_of(PyList_GetItem(values, at), &value_length) : NULL;
        if (!value || path_length > MOST_PATH / ESCAPED_MOST) {
            outcome = ODD;
        } else {
            size_t end = (size_t)(write_escaped(leaves->path, path, path_length) - leaves->path);
            outcome = leaves_add(leaves, end, value, value_length);
        }
    }
    if (outcome == DONE) {
        PyThreadState *unlocked = unlock_for(leaves);
        outcome = leaves_digest(leaves, hashes, count, digest);
        lock_again(unlocked);
    }
    free(hashes);
    leaves_free(leaves);
    return outcome == DONE ? PyBytes_FromStringAndSize((char *)digest, HASH_SIZE) : not_done(outcome);
}
