"""A mail server of a few lines that keeps what it is given: who got which Message-ID."""

import re
import socketserver
import threading

MESSAGE_ID = re.compile(rb"^Message-ID: (\S+)", re.MULTILINE | re.IGNORECASE)


class Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("220 mailbox")
        to = ""
        for line in self.rfile:
            word = line[:4].upper().strip()
            if word == b"RCPT":
                to = line.partition(b"<")[2].partition(b">")[0].decode()
            if word == b"DATA":
                self.say("354 go on")
                self.keep(to)
            self.say("221 bye" if word == b"QUIT" else "250 ok")
            if word == b"QUIT":
                return

    def keep(self, to):
        lines = []
        for line in self.rfile:
            if line in (b".\r\n", b".\n"):
                # Half a mail is none: it counts when its end has come.
                found = MESSAGE_ID.search(b"".join(lines))
                self.server.mails.append((to, found.group(1).decode()))
                return
            lines.append(line)

    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())


class Mailbox(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.mails = []

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def __enter__(self):
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()
        return self

    def __exit__(self, *fault):
        self.shutdown()
        self.thread.join()
        self.server_close()

    def handle_error(self, request, client_address):
        """A sender that was killed has broken off: that is what these tests are for."""
