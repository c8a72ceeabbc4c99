"""Starting and stopping the embedded server."""

import shlex
import time

from clinic.postgres.cluster import Cluster, Unavailable, as_server, is_ready, make_private, pid_file

LARGEST_LOG = 50_000_000

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    # A booking takes up to 500 advisory locks; many are under way at once.
    "max_locks_per_transaction": "256",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_preload_libraries": "pg_stat_statements",
    # Statements without parameters (CREATE ROLE … PASSWORD) would be kept word for word.
    "pg_stat_statements.track_utility": "off",
    # Nothing a patient said may reach the log: no statements, no parameters, and no DETAIL lines, which
    # quote the values of a violated constraint and the statements of a deadlock.
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    "log_lock_waits": "on",
    "log_line_prefix": "%m [%p] %u@%d ",
}


def launch(cluster: Cluster) -> None:
    owner = cluster.data.stat()
    make_private(cluster.socket_folder, owner.st_uid, owner.st_gid)
    lines = pid_file(cluster)
    if lines and lines[1:2] != [str(cluster.data)]:
        # Left from before the checkout was moved or copied: the process it names is not ours.
        (cluster.data / "postmaster.pid").unlink()
    if cluster.log.exists() and cluster.log.stat().st_size > LARGEST_LOG:
        cluster.log.replace(cluster.log.with_suffix(".previous.log"))
    settings = SETTINGS | {"unix_socket_directories": str(cluster.socket_folder)}
    options = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())
    start_command = ("start", "--wait", "--timeout", "120", "--silent", "--log", str(cluster.log))
    for attempts_left in (4, 3, 2, 1, 0):
        try:
            as_server(cluster, "pg_ctl", *start_command, "--options", options)
            return
        except Unavailable:
            # After a crash the old server's processes need a moment to notice and leave.
            if not attempts_left:
                raise
            time.sleep(0.5)


def shut_down(cluster: Cluster, mode: str) -> bool:
    if not pid_file(cluster):
        return False
    try:
        as_server(cluster, "pg_ctl", "stop", "--wait", "--timeout", "60", "--silent", "--mode", mode)
    except Unavailable:
        if is_ready(cluster):
            raise
        return False
    return True
