"""How the extension is built: the limited API, and the options that the C code needs from each compiler."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

VERSION = "0.1.0"
OPTIONS = {
    "unix": ["-O3", "-std=gnu11", "-fno-strict-aliasing", "-fvisibility=hidden"],
    "mingw32": ["-O3", "-std=gnu11", "-fno-strict-aliasing"],
    "msvc": ["/O2", "/std:c11"],
}


class Build(build_ext):
    """Adds the options of the compiler that is used."""

    def build_extensions(self) -> None:
        for extension in self.extensions:
            extension.extra_compile_args = [*OPTIONS[self.compiler.compiler_type], *extension.extra_compile_args]
        super().build_extensions()


if sysconfig.get_config_var("Py_GIL_DISABLED"):
    sys.exit(
        "ebl-native is not built for a Python without the GIL: its module would switch the GIL on for the whole process."
        " Install ebl without it; it gives the same results in pure Python."
    )

setup(
    version=VERSION,
    ext_modules=[
        Extension(
            "ebl_native",
            sources=sorted(path.as_posix() for path in Path("src").glob("*.c")),
            depends=sorted(path.as_posix() for path in Path("src").glob("*.h")),
            define_macros=[("EBL_NATIVE_VERSION", f'"{VERSION}"')],
            py_limited_api=True,
        )
    ],
    cmdclass={"build_ext": Build},
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
