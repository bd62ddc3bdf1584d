//! The system calls that are refused whatever their arguments. Numbers come from libc; the older calls that only
//! x86-64 still has stand apart.

use libc::*;

/// Callers fall back to an older call when these do not exist: their arguments lie in memory, out of a filter's sight.
pub(super) const AS_IF_UNKNOWN: &[c_long] = &[SYS_clone3, SYS_openat2];

/// Needed for loading libraries, but not afterwards.
#[cfg(target_arch = "x86_64")]
pub(super) const OPENING: &[c_long] = &[SYS_open, SYS_openat];
#[cfg(target_arch = "aarch64")]
pub(super) const OPENING: &[c_long] = &[SYS_openat];

/// Grouped by what they reach.
pub(super) const ALWAYS: &[&[c_long]] =
    &[SOCKETS, PROGRAMS, OTHER_PROCESSES, SHARED_MEMORY, FILES, ATTRIBUTES, MOUNTS, KERNEL, NEWER, OWN];

const SOCKETS: &[c_long] = &[SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4];

const PROGRAMS: &[c_long] = &[SYS_execve, SYS_execveat, SYS_unshare, SYS_setns];

const OTHER_PROCESSES: &[c_long] = &[
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_process_madvise,
    SYS_process_mrelease,
    SYS_kcmp,
    SYS_pidfd_open,
    SYS_pidfd_getfd,
    SYS_pidfd_send_signal,
    SYS_setpriority,
    SYS_ioprio_set,
    SYS_migrate_pages,
    SYS_move_pages,
    SYS_setrlimit,
];

/// What outlives the process or is not counted as its memory.
const SHARED_MEMORY: &[c_long] = &[
    SYS_memfd_create,
    SYS_memfd_secret,
    SYS_shmget,
    SYS_shmat,
    SYS_shmctl,
    SYS_shmdt,
    SYS_msgget,
    SYS_msgsnd,
    SYS_msgrcv,
    SYS_msgctl,
    SYS_semget,
    SYS_semop,
    SYS_semtimedop,
    SYS_semctl,
    SYS_mq_open,
    SYS_mq_unlink,
    SYS_add_key,
    SYS_request_key,
    SYS_keyctl,
];

/// Names and lengths of files. Landlock guards them too, where it is.
const FILES: &[c_long] = &[
    SYS_mknodat,
    SYS_mkdirat,
    SYS_unlinkat,
    SYS_symlinkat,
    SYS_linkat,
    SYS_renameat,
    SYS_renameat2,
    SYS_truncate,
    SYS_name_to_handle_at,
    SYS_open_by_handle_at,
    SYS_inotify_init1,
    SYS_inotify_add_watch,
    SYS_fanotify_init,
    SYS_fanotify_mark,
    SYS_sync,
    SYS_syncfs,
];

/// Modes, owners and times, which Landlock does not guard, and which change even by a descriptor that only reads.
const ATTRIBUTES: &[c_long] = &[
    SYS_fchmod,
    SYS_fchmodat,
    SYS_fchown,
    SYS_fchownat,
    SYS_utimensat,
    SYS_setxattr,
    SYS_lsetxattr,
    SYS_fsetxattr,
    SYS_removexattr,
    SYS_lremovexattr,
    SYS_fremovexattr,
];

const MOUNTS: &[c_long] = &[
    SYS_mount,
    SYS_umount2,
    SYS_open_tree,
    SYS_move_mount,
    SYS_fsopen,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fspick,
    SYS_mount_setattr,
    SYS_chroot,
    SYS_pivot_root,
    SYS_quotactl,
    SYS_quotactl_fd,
    SYS_swapon,
    SYS_swapoff,
];

/// The machine as a whole, and parts of the kernel that sandboxes were often left by.
const KERNEL: &[c_long] = &[
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_reboot,
    SYS_kexec_load,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_acct,
    SYS_syslog,
    SYS_vhangup,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_clock_adjtime,
    SYS_adjtimex,
    SYS_sethostname,
    SYS_setdomainname,
];

/// What libc does not name everywhere. From 424 on numbers are the same on every architecture (Linux, unistd.h).
const NEWER: &[c_long] = &[
    452, // fchmodat2
    463, // setxattrat
    466, // removexattrat
    467, // open_tree_attr
    469, // file_setattr
];

#[cfg(target_arch = "x86_64")]
const OWN: &[c_long] = &[
    SYS_fork,
    SYS_vfork,
    SYS_mknod,
    SYS_mkdir,
    SYS_rmdir,
    SYS_unlink,
    SYS_symlink,
    SYS_link,
    SYS_rename,
    SYS_creat,
    SYS_chmod,
    SYS_chown,
    SYS_lchown,
    SYS_utime,
    SYS_utimes,
    SYS_futimesat,
    SYS_inotify_init,
    SYS_uselib,
    SYS_iopl,
    SYS_ioperm,
    SYS_modify_ldt,
    SYS_kexec_file_load,
];
#[cfg(target_arch = "aarch64")]
const OWN: &[c_long] = &[294 /* kexec_file_load, which libc does not name everywhere */];
