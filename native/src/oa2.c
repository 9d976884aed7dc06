/* OpenAttestation v2: the digest of salted data with the flags for strict rules; and salting. */
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "text.h"

#define UUID_SIZE 36

/* Properties of a name that set a flag. */
enum { DOTTED = 1, LIKE_ARRAY = 2, WEAK_SALT = 4, UNKNOWN_TYPE = 8 };

/* Writes a name and a dot after the path, as JSON has it. Returns the length without the dot, or NO_ROOM. */
static size_t write_name(Leaves *leaves, size_t path_length, const uint8_t *name, size_t length) {
    if (length > MOST_PATH || path_length + ESCAPED_MOST * length + 2 > MOST_PATH) return NO_ROOM;
    uint8_t *end = write_escaped(leaves->path + path_length, name, length);
    *end = '.';
    return (size_t)(end - leaves->path);
}

/* Returns whether a member of the root has a name that no hash covers, or an empty one, so that its content has no own path. */
static int is_reserved(const uint8_t *name, size_t length) {
    switch (length) {
        case 0: return 1;
        case 9: return !memcmp(name, "__proto__", 9) || !memcmp(name, "prototype", 9);
        case 11: return !memcmp(name, "constructor", 11);
    }
    return 0;
}

static int starts_with(const uint8_t *text, size_t length, const char *with) {
    size_t size = strlen(with);
    return length >= size && !memcmp(text, with, size);
}

/* Returns whether the text after the salt begins with a type that Python's reader recognises at once. */
static int has_known_type(const uint8_t *text, size_t length) {
    return starts_with(text, length, ":string:") || starts_with(text, length, ":number:") ||
           starts_with(text, length, ":boolean:") || starts_with(text, length, ":null:nu");
}

static int container_size(PyObject *node, size_t *members) {
    if (PyDict_CheckExact(node))
        *members = (size_t)PyDict_Size(node);
    else if (PyList_CheckExact(node))
        *members = (size_t)PyList_Size(node);
    else
        return 0;
    return 1;
}

/* A container without members is a leaf of its own, without a salt. */
static Outcome add_empty(Leaves *leaves, size_t path_length, int is_dict) {
    Outcome outcome = leaves_room(leaves, path_length, 2);
    if (outcome != DONE) return outcome;
    uint8_t *to = leaves_begin(leaves, path_length);
    *to++ = is_dict ? '{' : '[', *to++ = is_dict ? '}' : ']';
    leaves_end(leaves, to);
    return DONE;
}

/* ---- examining: no Python code runs while the data is read, so nothing can change it ---- */

static Outcome examine(Leaves *leaves, PyObject *node, size_t path_length, int depth, int *flags);

static Outcome examine_member(Leaves *leaves, PyObject *value, size_t path_length, int depth, int *flags) {
    size_t length, members;
    if (container_size(value, &members)) {
        if (!members) return add_empty(leaves, path_length, PyDict_CheckExact(value));
        leaves->path[path_length] = '.';
        return examine(leaves, value, path_length + 1, depth + 1, flags);
    }
    const uint8_t *text = utf8_of(value, &length);
    if (!text) return ODD;
    Outcome outcome = leaves_add(leaves, path_length, text, length);
    if (outcome != DONE) return outcome;
    uint8_t *salt = leaves->salts[leaves->salted++];
    memset(salt, 0, SALT_SIZE);
    if (length <= UUID_SIZE || text[UUID_SIZE] != ':' || !read_uuid(salt, text))
        *flags |= WEAK_SALT;
    else if (!has_known_type(text + UUID_SIZE, length - UUID_SIZE))
        *flags |= UNKNOWN_TYPE;
    return DONE;
}

static Outcome examine(Leaves *leaves, PyObject *node, size_t path_length, int depth, int *flags) {
    size_t members = 0;
    container_size(node, &members);
    Outcome outcome = leaves_enter(leaves, path_length, members, depth);
    if (PyDict_CheckExact(node)) {
        PyObject *key, *value;
        for (Py_ssize_t at = 0; outcome == DONE && PyDict_Next(node, &at, &key, &value);) {
            size_t length;
            const uint8_t *name = utf8_of(key, &length);
            if (!name || (depth == 1 && is_reserved(name, length))) return ODD;
            if (memchr(name, '.', length)) *flags |= DOTTED;
            if (length == 1 && *name == '0') *flags |= LIKE_ARRAY;
            size_t below = write_name(leaves, path_length, name, length);
            if (below == NO_ROOM) return ODD;
            outcome = examine_member(leaves, value, below, depth, flags);
        }
        return outcome;
    }
    for (size_t at = 0; outcome == DONE && at < members; at++) {
        size_t below = leaves_index(leaves, path_length, at);
        if (below == NO_ROOM) return ODD;
        outcome = examine_member(leaves, PyList_GetItem(node, (Py_ssize_t)at), below, depth, flags);
    }
    return outcome;
}

PyObject *oa2_examine(PyObject *module, PyObject *arguments) {
    PyObject *data, *withheld;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "OO", &data, &withheld)) return NULL;
    if (!PyDict_CheckExact(data)) Py_RETURN_NONE;
    uint8_t digest[HASH_SIZE], *hashes = NULL;
    size_t count = 0;
    int flags = 0;
    Leaves *leaves = leaves_new();
    Outcome outcome = leaves ? withheld_hashes(withheld, &hashes, &count) : NO_MEMORY;
    if (outcome == DONE) outcome = examine(leaves, data, 0, 1, &flags);
    if (outcome == DONE) {
        PyThreadState *unlocked = unlock_for(leaves);
        outcome = leaves_digest(leaves, hashes, count, digest);
        if (outcome == DONE && !(flags & WEAK_SALT)) {
            outcome = leaves_distinct(leaves);
            if (outcome == ODD) flags |= WEAK_SALT, outcome = DONE;
        }
        lock_again(unlocked);
    }
    free(hashes);
    leaves_free(leaves);
    if (outcome != DONE) return not_done(outcome);
    return Py_BuildValue("y#i", (char *)digest, (Py_ssize_t)HASH_SIZE, flags);
}

/* ---- salting: containers are copied before their members are read, and no other code has the copies. So Python code that may
 * run meanwhile (the source of randomness; the garbage collector) cannot change the data that is read. ---- */

#define NOISE_SIZE 1024

typedef struct {
    Leaves *leaves;
    PyObject *random; /* random(n) -> n random bytes */
    int any_end;      /* accept texts that end in white space */
    size_t left;
    uint8_t noise[NOISE_SIZE];
} Salting;

/* Returns sixteen bytes that are used only once. NULL with an error set if there are none. */
static const uint8_t *draw(Salting *salting) {
    if (salting->left < 16) {
        PyObject *drawn = PyObject_CallFunction(salting->random, "i", NOISE_SIZE);
        if (!drawn) return NULL;
        char *bytes;
        Py_ssize_t size;
        int failed = PyBytes_AsStringAndSize(drawn, &bytes, &size);
        if (!failed && size != NOISE_SIZE) {
            PyErr_SetString(PyExc_ValueError, "the source of randomness returned another number of bytes than requested");
            failed = 1;
        }
        if (!failed) memcpy(salting->noise, bytes, NOISE_SIZE);
        Py_DECREF(drawn);
        if (failed) return NULL;
        salting->left = NOISE_SIZE;
    }
    salting->left -= 16;
    return salting->noise + salting->left;
}

/* Writes `type:value` of a leaf that is not a string. Returns its length, or 0 if it is odd. */
static size_t typed(uint8_t *to, PyObject *value) {
    const char *constant = value == Py_None ? "null:null" : value == Py_True ? "boolean:true" : value == Py_False ? "boolean:false" : NULL;
    if (constant) {
        size_t length = strlen(constant);
        memcpy(to, constant, length);
        return length;
    }
    memcpy(to, "number:", 7);
    if (PyLong_CheckExact(value)) {
        int beyond;
        long long number = PyLong_AsLongLongAndOverflow(value, &beyond);
        if (beyond || number < -(1LL << 53) || number > 1LL << 53) return 0;
        uint8_t *at = to + 7;
        if (number < 0) *at++ = '-';
        return (size_t)(write_decimal(at, (uint64_t)(number < 0 ? -number : number)) - to);
    }
    if (!PyFloat_CheckExact(value)) return 0;
    char *repr = PyOS_double_to_string(PyFloat_AsDouble(value), 'r', 0, 0, NULL);
    if (!repr) {
        PyErr_Clear();
        return 0;
    }
    size_t length = write_number(to + 7, repr);
    PyMem_Free(repr);
    return length ? length + 7 : 0;
}

static PyObject *salted_leaf(Salting *salting, PyObject *value, size_t path_length, Outcome *outcome) {
    Leaves *leaves = salting->leaves;
    uint8_t small[NUMBER_MOST + 16];
    const uint8_t *text;
    size_t length, kind = 0;
    *outcome = ODD;
    if (PyUnicode_CheckExact(value)) {
        text = utf8_of(value, &length);
        if (!text || (!salting->any_end && ends_in_white_space(text, length))) return NULL;
        kind = 7; /* string: */
    } else {
        text = small;
        if (!(length = typed(small, value))) return NULL;
    }
    *outcome = leaves_room(leaves, path_length, UUID_SIZE + 1 + kind + length);
    if (*outcome != DONE) return NULL;
    *outcome = NO_MEMORY; /* with an error set, from here on */
    const uint8_t *noise = draw(salting);
    if (!noise) return NULL;
    uint8_t *to = leaves_begin(leaves, path_length);
    *to++ = '"';
    uint8_t *start = to;
    to = write_uuid(to, noise);
    *to++ = ':';
    if (kind) memcpy(to, "string:", kind), to += kind;
    uint8_t *behind = write_escaped(to, text, length);
    PyObject *made;
    if (behind == to + length) { /* nothing was escaped */
        made = PyUnicode_FromStringAndSize((const char *)start, behind - start);
    } else {
        PyObject *salt = PyUnicode_FromStringAndSize((const char *)start, to - start);
        made = salt ? PyUnicode_Concat(salt, value) : NULL;
        Py_XDECREF(salt);
    }
    if (!made) return NULL;
    *behind++ = '"';
    leaves_end(leaves, behind);
    *outcome = DONE;
    return made;
}

static Outcome salt(Salting *salting, PyObject *copy, size_t path_length, int depth);

/* Copies a container, whose members stay the original's. Returns NULL with an error set without memory. */
static PyObject *copied(PyObject *node) {
    return PyDict_CheckExact(node) ? PyDict_Copy(node) : PyList_GetSlice(node, 0, PyList_Size(node));
}

/* Returns the salted copy of a value, a new reference. NULL if the outcome is not DONE; NO_MEMORY has an error set or none. */
static PyObject *salted(Salting *salting, PyObject *value, size_t path_length, int depth, Outcome *outcome) {
    size_t members;
    if (!container_size(value, &members)) return salted_leaf(salting, value, path_length, outcome);
    PyObject *copy = copied(value);
    *outcome = NO_MEMORY;
    if (!copy) return NULL;
    container_size(copy, &members);
    if (!members) {
        *outcome = add_empty(salting->leaves, path_length, PyDict_CheckExact(copy));
    } else {
        salting->leaves->path[path_length] = '.';
        *outcome = salt(salting, copy, path_length + 1, depth + 1);
    }
    if (*outcome == DONE) return copy;
    Py_DECREF(copy);
    return NULL;
}

/* Replaces the values of a copy with salted ones. */
static Outcome salt(Salting *salting, PyObject *copy, size_t path_length, int depth) {
    size_t members = 0;
    container_size(copy, &members);
    Outcome outcome = leaves_enter(salting->leaves, path_length, members, depth);
    if (PyDict_CheckExact(copy)) {
        PyObject *key, *value;
        for (Py_ssize_t at = 0; outcome == DONE && PyDict_Next(copy, &at, &key, &value);) {
            size_t length;
            const uint8_t *name = utf8_of(key, &length);
            if (!name || memchr(name, '.', length) || (depth == 1 && is_reserved(name, length))) return ODD;
            size_t below = write_name(salting->leaves, path_length, name, length);
            if (below == NO_ROOM) return ODD;
            PyObject *made = salted(salting, value, below, depth, &outcome);
            if (!made) return outcome;
            int failed = PyDict_SetItem(copy, key, made); /* the member exists already, so the order does not change */
            Py_DECREF(made);
            if (failed) return NO_MEMORY;
        }
        return outcome;
    }
    for (size_t at = 0; outcome == DONE && at < members; at++) {
        size_t below = leaves_index(salting->leaves, path_length, at);
        if (below == NO_ROOM) return ODD;
        PyObject *made = salted(salting, PyList_GetItem(copy, (Py_ssize_t)at), below, depth, &outcome);
        if (!made) return outcome;
        if (PyList_SetItem(copy, (Py_ssize_t)at, made)) return NO_MEMORY; /* it takes the reference */
    }
    return outcome;
}

PyObject *oa2_salt(PyObject *module, PyObject *arguments) {
    PyObject *data, *random;
    int any_end;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "OOp", &data, &random, &any_end)) return NULL;
    if (!PyDict_CheckExact(data)) Py_RETURN_NONE;
    uint8_t digest[HASH_SIZE];
    Outcome outcome = NO_MEMORY;
    PyObject *copy = PyDict_Copy(data);
    Salting *salting = malloc(sizeof *salting);
    if (salting) {
        salting->leaves = leaves_new();
        salting->random = random;
        salting->any_end = any_end;
        salting->left = 0;
        if (copy && salting->leaves) outcome = salt(salting, copy, 0, 1);
        if (outcome == DONE) {
            PyThreadState *unlocked = unlock_for(salting->leaves);
            outcome = leaves_digest(salting->leaves, NULL, 0, digest);
            lock_again(unlocked);
        }
        leaves_free(salting->leaves);
        memset(salting->noise, 0, NOISE_SIZE);
        free(salting);
    }
    if (outcome == DONE) return Py_BuildValue("Ny#", copy, (char *)digest, (Py_ssize_t)HASH_SIZE);
    Py_XDECREF(copy);
    return PyErr_Occurred() ? NULL : not_done(outcome);
}

/* ---- reading back: copies as in salting, whose values are replaced by their plain texts ---- */

#define BEFORE_TEXT (UUID_SIZE + 8) /* the salt and ":string:" */

static PyObject *plain(PyObject *value, int depth, Outcome *outcome);

/* Returns the text of a salted string. ODD if it is of another type, or has white space to trim. */
static PyObject *plain_text(PyObject *salted, Outcome *outcome) {
    uint8_t salt[SALT_SIZE];
    size_t length;
    const uint8_t *text = utf8_of(salted, &length);
    *outcome = ODD;
    if (!text || length < BEFORE_TEXT || !read_uuid(salt, text) || memcmp(text + UUID_SIZE, ":string:", 8)) return NULL;
    if (ends_in_white_space(text + BEFORE_TEXT, length - BEFORE_TEXT)) return NULL;
    *outcome = NO_MEMORY;
    PyObject *made = PyUnicode_Substring(salted, BEFORE_TEXT, PyUnicode_GetLength(salted)); /* what precedes it is ASCII */
    if (made) *outcome = DONE;
    return made;
}

/* Returns a new reference to the plain copy of a value. NULL if the outcome is not DONE. */
static PyObject *plain(PyObject *value, int depth, Outcome *outcome) {
    size_t members;
    if (!container_size(value, &members)) return plain_text(value, outcome);
    *outcome = ODD;
    if (depth > MOST_DEPTH) return NULL;
    *outcome = NO_MEMORY;
    PyObject *copy = copied(value);
    if (!copy) return NULL;
    *outcome = DONE;
    if (PyDict_CheckExact(copy)) {
        PyObject *key, *member;
        for (Py_ssize_t at = 0; *outcome == DONE && PyDict_Next(copy, &at, &key, &member);) {
            PyObject *made = plain(member, depth + 1, outcome);
            if (made && PyDict_SetItem(copy, key, made)) *outcome = NO_MEMORY;
            Py_XDECREF(made);
        }
    } else {
        Py_ssize_t size = PyList_Size(copy);
        for (Py_ssize_t at = 0; *outcome == DONE && at < size; at++) {
            PyObject *made = plain(PyList_GetItem(copy, at), depth + 1, outcome);
            if (made && PyList_SetItem(copy, at, made)) *outcome = NO_MEMORY; /* it takes the reference */
        }
    }
    if (*outcome == DONE) return copy;
    Py_DECREF(copy);
    return NULL;
}

PyObject *oa2_plain(PyObject *module, PyObject *data) {
    Outcome outcome = ODD;
    (void)module;
    PyObject *made = PyDict_CheckExact(data) ? plain(data, 1, &outcome) : NULL;
    if (outcome == DONE) return made;
    return PyErr_Occurred() ? NULL : not_done(outcome);
}
