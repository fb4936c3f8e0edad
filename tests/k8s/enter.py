"""Becomes a process as in a container: enter.py ROOT FOLDER VOLUME USER COMMAND...

Run in a mount namespace of its own. ROOT becomes the root, read-only; VOLUME, if it is
not empty, stands at FOLDER in it, writable; USER has no groups and no capabilities.
"""

import ctypes
import os
import subprocess
import sys

# From linux/prctl.h: nothing it starts has more rights than it.
PR_SET_NO_NEW_PRIVS = 38


def mount(*arguments):
    subprocess.run(["/bin/mount", *arguments], check=True, env={"PATH": "/usr/bin:/bin"})


def main(root, folder, volume, user, *command):
    mount("--bind", root, root)
    mount("-t", "proc", "none", f"{root}/proc")
    mount("-o", "remount,bind,ro", root)
    if volume:
        mount("--bind", volume, root + folder)
    os.chroot(root)
    os.chdir(folder)
    os.setgroups([])
    os.setresgid(int(user), int(user), int(user))
    os.setresuid(int(user), int(user), int(user))
    if ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        sys.exit("no-new-privs can't be set")
    os.execve(command[0], command, os.environ)


if __name__ == "__main__":
    main(*sys.argv[1:])
