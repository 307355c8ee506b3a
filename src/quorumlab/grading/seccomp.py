"""A filter of system calls for the sandbox: what no answer to a task needs, and what kernels have been attacked through.

The filter is a program in the kernel's classic packet filter (BPF), as ``bwrap --seccomp`` takes it. It refuses with "operation not
permitted" the calls listed here, new namespaces, and all sockets, single or in pairs, but those of the kinds unix, IPv4 and IPv6 with
TCP, UDP or none named, which reach nothing from the sandbox's empty network. Source of the numbers: the kernel's tables ``syscall_64.tbl`` and ``asm-generic/unistd.h``.
"""

import platform
import struct
from collections.abc import Sequence

# name: (x86_64, aarch64); 0 where there is none.
REFUSED = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "vmsplice": (278, 75),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "msgget": (68, 186),
    "semget": (64, 190),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "open_tree_attr": (467, 467),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "syslog": (103, 116),
    "acct": (163, 89),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "fanotify_init": (300, 262),
    "lookup_dcookie": (212, 18),
}
AUDIT_ARCH = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
CLONE, CLONE3 = (56, 220), (435, 435)
SOCKETS = ((41, 198), (53, 199))
"""``socket`` and ``socketpair``, which take the same first arguments."""
NEW_NAMESPACES = 0x7E020000
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET together."""
FAMILIES = (1, 2, 10)
"""AF_UNIX, AF_INET, AF_INET6."""
PROTOCOLS = (0, 1, 6, 17)
"""What fits the kind, PF_UNIX or ICMP, TCP, UDP; others are code of the kernel that nobody else runs."""
X32 = 0x40000000
ALLOW, KILL, EPERM, ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
LOAD, EQUAL, GREATER_EQUAL, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCH, ARGUMENT_0, ARGUMENT_2 = 0, 4, 16, 32


def _op(code: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_so, if_not, value)


def program() -> bytes | None:
    """The filter for this machine; None for a processor whose numbers are not known."""
    known = AUDIT_ARCH.get(platform.machine())
    if known is None:
        return None
    arch, column = known
    ops = [_op(LOAD, ARCH), _op(EQUAL, arch, 1, 0), _op(RETURN, KILL), _op(LOAD, NUMBER)]
    ops += [_op(GREATER_EQUAL, X32, 0, 1), _op(RETURN, EPERM)]
    for numbers in REFUSED.values():
        ops += [_op(EQUAL, numbers[column], 0, 1), _op(RETURN, EPERM)]
    ops += [
        _op(EQUAL, CLONE3[column], 0, 1),
        _op(RETURN, ENOSYS),
    ]  # its flags cannot be read; clone is taken instead
    ops += [_op(EQUAL, CLONE[column], 0, 3), _op(LOAD, ARGUMENT_0), _op(ANY_BIT, NEW_NAMESPACES, 0, 1)]
    ops += [_op(RETURN, EPERM), _op(LOAD, NUMBER)]
    for numbers in SOCKETS:
        allowed = [*_only(ARGUMENT_0, FAMILIES), *_only(ARGUMENT_2, PROTOCOLS), _op(RETURN, ALLOW)]
        ops += [_op(EQUAL, numbers[column], 0, len(allowed)), *allowed]
    return b"".join([*ops, _op(RETURN, ALLOW)])


def _only(argument: int, values: Sequence[int]) -> list[bytes]:
    """Operations that refuse a call whose argument is none of these values."""
    equal = [_op(EQUAL, value, len(values) - i, 0) for i, value in enumerate(values)]
    return [_op(LOAD, argument), *equal, _op(RETURN, EPERM)]
