"""What code may import: loaded before the lock, since nothing can be read after it.

Of the standard library what works with values. No asyncio and no threads, which need calls that are refused.
"""

import importlib
import os
import random
import sys
import time

NAMES = """\
abc array ast base64 binascii bisect bz2 calendar cmath codecs collections collections.abc colorsys contextlib copy
copyreg csv dataclasses datetime decimal difflib encodings.ascii encodings.cp1252 encodings.idna encodings.latin_1
encodings.punycode encodings.unicode_escape encodings.utf_16 encodings.utf_16_le encodings.utf_8_sig enum fnmatch
fractions functools graphlib hashlib heapq hmac html html.entities html.parser inspect io itertools json json.tool
keyword locale lzma marshal math numbers operator os.path pathlib pickle pprint queue random re reprlib secrets shlex
statistics string struct sys textwrap time timeit token tokenize traceback types typing unicodedata urllib.parse
warnings weakref xml.etree.ElementTree zlib _strptime
"""


def load(*, only_these: bool) -> None:
    """Those there are on this machine; `only_these`: from now on there are no others to be found."""
    for name in NAMES.split():
        try:
            importlib.import_module(name)
        except ImportError:  # built without it: code that asks for it is told so
            continue
    if only_these:
        sys.path.clear()
        sys.path_importer_cache.clear()
    sys.argv[:] = sys.orig_argv[:] = [""]  # where this program is, is nobody's business
    os.environ.clear()
    os.environ["TZ"] = "UTC0"  # reading it from a file would fail later, and `monty` has UTC, too
    time.tzset()
    random.seed(0)  # as in `monty`: the same cell comes to the same
