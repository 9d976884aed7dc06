"""Self-test of the C core: inputs that reach each of its functions, and the results of the Python code for them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ebl.native.interface import Core

_SALT = "0f8d2c51-63b7-4e0a-9d14-5c7f3a1b2e60:"
_LONG = 'Schüsse 漢字 😀 "\\\n\x01\x7f\u2028 ' * 9
_PLAIN: dict[str, Any] = {
    "many": [
        f"{at:08x}{_SALT[8:]}string:{_LONG[: 31 * at]}" for at in range(12)
    ],  # of one to five blocks, for every width
    'b"é': {"list": [{"number": f"{99:08x}{_SALT[8:]}number:1.5"}], "empty": []},
}
_ODD: dict[str, Any] = {"a.b": _SALT + "string:x", "c": [{"0": _SALT + "other:x"}]}
_RAW: dict[str, Any] = {"a": [1, 2**53, -2.5, 1e-7, 1e21, True, None, "x\t\u3000.", {}], "b": {"c": "汉" * 100}}
_OA3: dict[str, Any] = {"a": "1.5", "b": [{"c": 7}, [], {"d": True}], "e": _LONG}
_PATHS, _SALTS = ["a", "b[0].c", "b[2].d", "e"], [f"{at:064x}" for at in range(4)]
_NODES = [bytes([at] * 32) for at in (3, 1, 2, 5, 4)]


def _results(core: Core) -> dict[str, object]:
    salted = core.oa2_salt(_RAW, lambda count: (bytes(range(256)) * count)[:count], False)
    layers = core.layers(_NODES)
    pairs = [f'{{"value":"{salt}","path":"{path}"}}' for salt, path in zip(_SALTS, _PATHS, strict=True)]
    salts = f"[{','.join(pairs)}]".encode()
    return {
        "oa2_examine": core.oa2_examine(_PLAIN, ("5d" * 32,)),
        "oa2_examine of what is odd": core.oa2_examine(_ODD, ()),
        "oa2_examine of what is not plain": core.oa2_examine({"__proto__": _SALT}, ()),
        "oa2_salt": salted and salted[1],
        "oa2_salt, of the copy": salted and core.oa2_examine(salted[0], ()),
        "oa2_salt of white space": core.oa2_salt({"a": "x\u3000"}, os.urandom, False),
        "oa2_plain": core.oa2_plain({"bé": [{"c": _SALT + "string:x"}, []], "d": _SALT + "string:" + _LONG + "."}),
        "oa2_plain of white space": core.oa2_plain({"a": _SALT + "string:x\u3000"}),
        "oa2_plain of a number": core.oa2_plain({"a": _SALT + "number:1"}),
        "oa3_examine": core.oa3_examine(_OA3, salts, ()),
        "oa3_examine of one salt": core.oa3_examine(_OA3, salts.replace(b"1", b"0"), ()),
        "is_canonical": core.is_canonical([{"a": [None, True, -2.5, 1e-10, 2**53]}, _PLAIN]),
        "is_canonical of 1e-7": core.is_canonical([1e-7]),
        "list_hash": core.list_hash(_PATHS, [_LONG] * 4, ("5d" * 32,)),
        "layers": layers and [len(layer) for layer in layers],
        "layers, the root": layers and layers[-1][0],
        "leads": core.leads(_NODES[3], (layers[2][0],), layers[-1][0]) if layers else None,
        "path": core.path(_NODES[3], (_NODES[1],)),
        "leads elsewhere": core.leads(_NODES[3], (), _NODES[0]),
    }


_of = bytes.fromhex
_EXPECTED: dict[str, object] = {
    "oa2_examine": (_of("a449f1d2950a4ef7e050bfaede9aa76c56a21daa34321b633c16fab14fea293b"), 0),
    "oa2_examine of what is odd": (_of("3d194b8dba8cbfe5792ceaa880cabea11e792da042b430d0df0f09e6b9946adb"), 15),
    "oa2_examine of what is not plain": None,
    "oa2_salt": _of("d63861175349a4ac56e03cbba453cfe35a8db1bfdae438b73f7f949eb97a68bf"),
    "oa2_salt, of the copy": (_of("d63861175349a4ac56e03cbba453cfe35a8db1bfdae438b73f7f949eb97a68bf"), 0),
    "oa2_salt of white space": None,
    "oa2_plain": {"bé": [{"c": "x"}, []], "d": _LONG + "."},
    "oa2_plain of white space": None,
    "oa2_plain of a number": None,
    "oa3_examine": (
        _of("96b66d0946a3b2c4e6aeaf5df552bb13c145b0cabc76211f42de63645f29eae1"),
        ["b[1]"],
        [("a", "1.5"), ("b[0].c", None), ("b[2].d", None)],
    ),
    "oa3_examine of one salt": None,
    "is_canonical": True,
    "is_canonical of 1e-7": None,
    "list_hash": _of("a38f1deea230670255afeb664a5dac23d3b000927ec69120a4eb90d8a00d7845"),
    "layers": [5, 3, 2, 1],
    "layers, the root": _of("55d458ff264cc10cb4ef71d27a18db86f587999b2355cfa5eb5fccf8c973bced"),
    "leads": True,
    "path": (_NODES[3], _of("4a869f0e6eb300f451a9fa7462393c29592bf47eaaa210b3bbc1124b2245851d")),
    "leads elsewhere": False,
}
"""The results of the Python code for the same inputs (a test recomputes them)."""


def failed_check(core: Core) -> str | None:
    """Returns the name of the first check of the self-test that a core fails; None if it passes all of them."""
    try:
        results = _results(core)
    except Exception as bad:  # whatever it is, the core must not be used
        return f"{type(bad).__name__}: {bad}"
    return next((what for what, result in results.items() if result != _EXPECTED[what]), None)
