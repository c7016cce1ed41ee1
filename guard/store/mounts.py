"""Which file systems several machines may share, so that SQLite cannot be trusted there."""

import re
from pathlib import Path
from typing import Final

# fmt: off
_SHARED: Final = frozenset({
    # of a server
    "nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "ncpfs", "afs", "coda", "ceph", "lustre",
    "glusterfs", "beegfs", "pvfs2", "gpfs", "panfs", "orangefs", "weka", "wekafs",
    # of several machines on one disk
    "gfs", "gfs2", "ocfs2", "vmfs",
    # of a host and its guests, without memory that both see; virtiofs, which works for one guest,
    # is left to `occupant` to judge
    "9p", "vboxsf", "vmhgfs", "prl_fs", "drvfs", "fakeowner",
})
_SHARED_FUSE: Final = frozenset({
    "glusterfs", "sshfs", "s3fs", "s3ql", "goofys", "gcsfuse", "blobfuse", "blobfuse2", "rclone",
    "ceph", "ceph-fuse", "mfs", "moosefs", "lizardfs", "juicefs", "beegfs", "smbnetfs", "davfs",
    "curlftpfs", "vmhgfs-fuse", "grpcfuse", "osxfs", "mount-s3", "mountpoint-s3", "seaweedfs",
})
"""By what stands behind ``fuse.`` in the type."""
# fmt: on


def shared_mount(path: Path, mounts: str) -> str | None:
    """
    Give the type of the file system that *path* is on, if machines share it; else `None`.

    *mounts* is a table as in ``/proc/self/mounts``. There SQLite's shared memory does not work,
    and its locks are a matter of luck (https://www.sqlite.org/wal.html §2).
    """
    under: list[tuple[str, str]] = []
    for line in mounts.splitlines():
        _, point, kind, *_ = line.split(" ")
        point = re.sub(r"\\([0-7]{3})", lambda sign: chr(int(sign[1], 8)), point)
        if path.is_relative_to(point):
            under.append((point, kind))
    # The longest is the nearest; of two at one place the later hides the other.
    kind = max(reversed(under), key=lambda mount: len(mount[0]), default=("", ""))[1]
    shared = kind in _SHARED or kind.removeprefix("fuse.") in _SHARED_FUSE
    return kind if shared else None
