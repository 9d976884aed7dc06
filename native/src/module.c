#include "core.h"
#include "text.h"

static PyObject *keccak(PyObject *module, PyObject *bytes) {
    char *text;
    Py_ssize_t length;
    uint8_t hash[HASH_SIZE];
    (void)module;
    if (PyBytes_AsStringAndSize(bytes, &text, &length)) return NULL;
    keccak256((const uint8_t *)text, (size_t)length, hash);
    return PyBytes_FromStringAndSize((char *)hash, HASH_SIZE);
}

static PyObject *choose_lanes(PyObject *module, PyObject *most) {
    (void)module;
    long lanes = PyLong_AsLong(most);
    if (lanes == -1 && PyErr_Occurred()) return NULL;
    return PyLong_FromLong(keccak_choose(lanes < 1 ? 1 : lanes > MOST_LANES ? MOST_LANES : (int)lanes));
}

static PyMethodDef functions[] = {
    {"oa2_examine", oa2_examine, METH_VARARGS,
     "oa2_examine(data, withheld) -> (digest, flags) or None.\n\n"
     "The digest of salted data and of redacted hashes (hex). Flags: 1, a name has a dot; 2, a name is 0; 4, a salt is not a\n"
     "version 4 UUID in lower case, or occurs twice; 8, a type is not one that is recognised at once."},
    {"oa2_salt", oa2_salt, METH_VARARGS,
     "oa2_salt(data, random, any_end) -> (salted copy, digest) or None.\n\n"
     "random(n) returns n random bytes. Without any_end, texts that end in white space are not plain."},
    {"oa2_plain", oa2_plain, METH_O,
     "oa2_plain(data) -> plain copy or None.\n\n"
     "The content of salted data whose leaves are all strings without white space at the end."},
    {"oa3_examine", oa3_examine, METH_VARARGS,
     "oa3_examine(document, salts, withheld) -> (digest, empty, loose) or None.\n\n"
     "salts: bytes of JSON, as usually written, in the leaves' order. empty: paths of empty containers; loose: (path, text) of\n"
     "leaves that could be read as another type, with None for a leaf that is not text."},
    {"is_canonical", is_canonical, METH_O,
     "is_canonical(parsed) -> True or None.\n\n"
     "Whether JSON has at most 64 levels, and only numbers that Python and JavaScript write in the same way."},
    {"list_hash", list_hash, METH_VARARGS,
     "list_hash(paths, values, withheld) -> digest or None.\n\nDigest of leaves given as paths and values, all of them strings."},
    {"leads", merkle_leads, METH_VARARGS,
     "leads(target, proof, root) -> bool or None.\n\nWhether a tuple of siblings leads from a node to a root."},
    {"path", merkle_path, METH_VARARGS,
     "path(target, proof) -> tuple or None.\n\nEvery node from a leaf to the root, both included."},
    {"layers", merkle_layers, METH_O, "layers(hashes) -> list of lists or None.\n\nThe Merkle tree over a list of hashes."},
    {"keccak256", keccak, METH_O, "keccak256(bytes) -> bytes."},
    {"lanes", choose_lanes, METH_O, "lanes(most) -> lanes in use from now on, for tests and measurements: 1, 4 or 8."},
    {NULL, NULL, 0, NULL},
};

static int begin(PyObject *module) {
    text_begin();
    long lanes = keccak_choose(MOST_LANES);
    return PyModule_AddIntConstant(module, "LANES", lanes) || PyModule_AddIntConstant(module, "INTERFACE", 3) ||
                   PyModule_AddStringConstant(module, "__version__", EBL_NATIVE_VERSION)
               ? -1
               : 0;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, (void *)begin}, {0, NULL}};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "ebl_native",
    .m_doc = "The fast path of ebl. Its functions return what ebl's Python computes, or None for data that is not plain.",
    .m_size = 0,
    .m_methods = functions,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit_ebl_native(void) { return PyModuleDef_Init(&definition); }
