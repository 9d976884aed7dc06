/* The Merkle tree of a batch: pairs are hashed smaller first, and an odd node at the end of a layer is promoted unchanged. */
#include <stdlib.h>
#include <string.h>

#include "core.h"

#define AT_ONCE MOST_LANES

static void write_pair(uint8_t *to, const uint8_t *one, const uint8_t *other) {
    int in_order = memcmp(one, other, HASH_SIZE) < 0;
    memcpy(to, in_order ? one : other, HASH_SIZE);
    memcpy(to + HASH_SIZE, in_order ? other : one, HASH_SIZE);
}

/* Hashes the parents of pairs of nodes. */
static void hash_pairs(const uint8_t *nodes, size_t pairs, uint8_t *parents) {
    uint8_t text[AT_ONCE * KECCAK_RATE];
    Message messages[AT_ONCE];
    for (size_t done = 0; done < pairs;) {
        size_t count = pairs - done < AT_ONCE ? pairs - done : AT_ONCE;
        for (size_t i = 0; i < count; i++) {
            const uint8_t *pair = nodes + 2 * HASH_SIZE * (done + i);
            messages[i] = (Message){KECCAK_RATE * i, 1};
            write_pair(text + KECCAK_RATE * i, pair, pair + HASH_SIZE);
            keccak_pad(text + KECCAK_RATE * i, 2 * HASH_SIZE);
        }
        keccak256_of_padded(text, messages, count, parents + HASH_SIZE * done);
        done += count;
    }
}

static const uint8_t *hash_of(PyObject *bytes) {
    char *found;
    Py_ssize_t size;
    if (!PyBytes_CheckExact(bytes) || PyBytes_AsStringAndSize(bytes, &found, &size) || size != HASH_SIZE) return NULL;
    return (const uint8_t *)found;
}

/* leads(target, proof, root): returns whether the proof's siblings lead from one node to the other. */
PyObject *merkle_leads(PyObject *module, PyObject *arguments) {
    PyObject *target, *proof, *root;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "OOO", &target, &proof, &root)) return NULL;
    const uint8_t *from = hash_of(target), *to = hash_of(root);
    if (!from || !to || !PyTuple_CheckExact(proof)) Py_RETURN_NONE;
    uint8_t node[HASH_SIZE], pair[2 * HASH_SIZE];
    memcpy(node, from, HASH_SIZE);
    Py_ssize_t size = PyTuple_Size(proof);
    for (Py_ssize_t i = 0; i < size; i++) {
        const uint8_t *sibling = hash_of(PyTuple_GetItem(proof, i));
        if (!sibling) Py_RETURN_NONE;
        write_pair(pair, node, sibling);
        keccak256(pair, sizeof pair, node);
    }
    return PyBool_FromLong(!memcmp(node, to, HASH_SIZE));
}

/* path(target, proof): returns every node from a leaf to the root, computed from a tuple of siblings. */
PyObject *merkle_path(PyObject *module, PyObject *arguments) {
    PyObject *target, *proof;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "OO", &target, &proof)) return NULL;
    const uint8_t *from = hash_of(target);
    if (!from || !PyTuple_CheckExact(proof)) Py_RETURN_NONE;
    Py_ssize_t size = PyTuple_Size(proof);
    uint8_t node[HASH_SIZE], pair[2 * HASH_SIZE];
    memcpy(node, from, HASH_SIZE);
    for (Py_ssize_t i = 0; i < size; i++)
        if (!hash_of(PyTuple_GetItem(proof, i))) Py_RETURN_NONE;
    PyObject *nodes = PyTuple_New(size + 1);
    for (Py_ssize_t i = 0; nodes && i <= size; i++) {
        PyObject *made = PyBytes_FromStringAndSize((const char *)node, HASH_SIZE);
        if (!made || PyTuple_SetItem(nodes, i, made)) {
            Py_DECREF(nodes);
            return NULL;
        }
        if (i == size) break;
        write_pair(pair, node, hash_of(PyTuple_GetItem(proof, i)));
        keccak256(pair, sizeof pair, node);
    }
    return nodes;
}

/* Returns all nodes of a tree over the leaves, layer by layer, which the caller frees; NULL without memory. */
static uint8_t *tree(const uint8_t *leaves, size_t count) {
    size_t *order = malloc(count * sizeof *order);
    uint8_t *nodes = malloc((2 * count + 64) * HASH_SIZE); /* a layer promotes at most one node, and there are at most 64 */
    if (!order || !nodes || sorted_order(leaves, count, order) != DONE) {
        free(order);
        free(nodes);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) memcpy(nodes + HASH_SIZE * i, leaves + HASH_SIZE * order[i], HASH_SIZE);
    free(order);
    for (uint8_t *layer = nodes; count > 1; count = (count + 1) / 2) {
        uint8_t *above = layer + HASH_SIZE * count;
        hash_pairs(layer, count / 2, above);
        if (count % 2) memcpy(above + HASH_SIZE * (count / 2), layer + HASH_SIZE * (count - 1), HASH_SIZE);
        layer = above;
    }
    return nodes;
}

static PyObject *list_of(const uint8_t *nodes, size_t count) {
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list && i < count; i++) {
        PyObject *node = PyBytes_FromStringAndSize((const char *)nodes + HASH_SIZE * i, HASH_SIZE);
        if (!node || PyList_SetItem(list, (Py_ssize_t)i, node)) {
            Py_DECREF(list);
            list = NULL;
        }
    }
    return list;
}

/* layers(leaves): returns a list for each layer of the tree over a list of hashes, the sorted leaves first and the root last. */
PyObject *merkle_layers(PyObject *module, PyObject *given) {
    (void)module;
    if (!PyList_CheckExact(given) || !PyList_Size(given)) Py_RETURN_NONE;
    size_t count = (size_t)PyList_Size(given);
    if (count > SIZE_MAX / (4 * HASH_SIZE)) return PyErr_NoMemory();
    uint8_t *leaves = malloc(count * HASH_SIZE), *nodes;
    if (!leaves) return PyErr_NoMemory();
    for (size_t i = 0; i < count; i++) {
        const uint8_t *leaf = hash_of(PyList_GetItem(given, (Py_ssize_t)i));
        if (!leaf) {
            free(leaves);
            Py_RETURN_NONE;
        }
        memcpy(leaves + HASH_SIZE * i, leaf, HASH_SIZE);
    }
    Py_BEGIN_ALLOW_THREADS
    nodes = tree(leaves, count);
    Py_END_ALLOW_THREADS
    free(leaves);
    if (!nodes) return PyErr_NoMemory();
    PyObject *layers = PyList_New(0);
    const uint8_t *layer = nodes;
    for (size_t size = count; layers; size = (size + 1) / 2) {
        PyObject *list = list_of(layer, size);
        if (!list || PyList_Append(layers, list)) {
            Py_DECREF(layers);
            layers = NULL;
        }
        Py_XDECREF(list);
        if (size == 1) break;
        layer += HASH_SIZE * size;
    }
    free(nodes);
    return layers;
}
