"""Lends the service what systemd would: a socket for its word that it is ready, and the end.

  ready.py ROOT N_MAILS MAILS [WATCHER …]    starts it, waits for READY=1 and for the mails, ends it
  ready.py --calls FILE                      fails when a traced system call is outside the unit's filter
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time

DEADLINE = 60.0
UNIT = "packaging/escucha.service"
# The C library asks for these where they are not there, and goes on without: NETLINK sorts addresses.
FAMILIES = {"AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK"}


def until(what, done):
    end = time.monotonic() + DEADLINE
    while not done():
        if time.monotonic() > end:
            sys.exit(f"waited for {what} in vain")
        time.sleep(0.05)


def start(root, n_mails, mails, watcher):
    ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    ready.bind(f"{root}/run/escucha-ready")
    os.chmod(f"{root}/run/escucha-ready", 0o777)
    ready.settimeout(DEADLINE)
    service = subprocess.Popen(
        ["chroot", root, *watcher, "setpriv", "--reuid", "escucha", "--regid", "escucha"]
        + ["--init-groups", "--no-new-privs", "--bounding-set=-all", "/usr/bin/escucha", "run"],
        env={
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "ESCUCHA_CONFIG": "/etc/escucha/escucha.toml",
            "NOTIFY_SOCKET": "/run/escucha-ready",
        },
    )
    while b"READY=1" not in ready.recv(4096):
        pass
    until(f"{n_mails} mail(s)", lambda: len(os.listdir(mails)) >= n_mails)
    # strace hands no signal on: it is the service itself that is asked to end.
    own = [service.pid] if not watcher else children(service.pid)
    for pid in own:
        os.kill(pid, signal.SIGTERM)
    code = service.wait(timeout=DEADLINE)
    os.unlink(f"{root}/run/escucha-ready")
    if code != 0 or len(os.listdir(mails)) != n_mails:
        sys.exit(f"it ended with {code}, and {len(os.listdir(mails))} mail(s) were sent")


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


def of_group(name):
    """The system calls of a group of systemd, with those of the groups within it."""
    told = subprocess.run(
        ["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True
    )
    calls = set()
    for line in told.stdout.splitlines()[1:]:
        word = line.strip()
        if word.startswith("@"):
            calls |= of_group(word)
        elif word and not word.startswith("#"):
            calls.add(word)
    return calls


def calls(path):
    allowed = set()
    with open(UNIT, encoding="utf-8") as file:
        for line in re.findall(r"(?m)^SystemCallFilter=(.*)$", file.read()):
            for name in line.lstrip("~").split():
                named = of_group(name) if name.startswith("@") else {name}
                allowed = allowed - named if line.startswith("~") else allowed | named
    begun, made, wrong = False, set(), set()
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            # What setpriv does before is systemd's own business.
            begun = begun or 'execve("/usr/bin/escucha"' in line
            call = re.match(r"\d+ +(\w+)\((.*)", line)
            if not begun or not call:
                continue
            name, rest = call.groups()
            made.add(name)
            if name not in allowed:
                wrong.add(name)
            if name == "socket" and rest.split(",")[0] not in FAMILIES:
                wrong.add(rest.split(",")[0])
            if name in ("mmap", "mprotect") and "PROT_WRITE|PROT_EXEC" in rest:
                wrong.add(f"{name} of memory that is written and run")
    if wrong or len(made) < 20:
        sys.exit(f"{len(made)} calls, outside the filter: {sorted(wrong)}")
    print(f"{len(made)} system calls, all within the unit's filter")


if sys.argv[1] == "--calls":
    calls(sys.argv[2])
else:
    start(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4:])
