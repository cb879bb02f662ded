# Help from outside, and doors left open. The port is one that the test listens on.

# %% a connection out
import socket

with socket.create_connection(("127.0.0.1", {PORT}), timeout=2) as connection:
    connection.sendall(b"hello")
ANSWER = lambda x: 2 * x

# %% a datagram out
import socket

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
    connection.sendto(b"hello", ("127.0.0.1", {PORT}))
ANSWER = lambda x: 2 * x

# %% a server
import socket

server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname(), timeout=2)
ANSWER = lambda x: 2 * x
raise SystemExit

# %% an abstract socket of the grader's machine
import socket

with socket.socket(socket.AF_UNIX) as connection:
    connection.connect("\0{ABSTRACT}")
ANSWER = lambda x: 2 * x

# %% a page
import urllib.request

urllib.request.urlopen("http://127.0.0.1:{PORT}/", timeout=2)
ANSWER = lambda x: 2 * x
