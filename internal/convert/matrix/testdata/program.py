import ipaddress
import socket
import sys

SO_PROTOCOL = 38


def protocol(s):
    return s.getsockopt(socket.SOL_SOCKET, SO_PROTOCOL)


def say(*words):
    print(*words, flush=True)


def talk(s, words):
    s.sendall(words)
    text = b""
    while part := s.recv(100):
        text += part
    say("got", text.decode().strip())


role, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
four = ipaddress.ip_address(address).version == 4
s = socket.socket(socket.AF_INET if four else socket.AF_INET6, socket.SOCK_STREAM)
say("protocol", protocol(s))
if role == "client":
    s.connect((address, port))
    say("connected", protocol(s))
    talk(s, b"ping\n")
else:
    s.bind((address, port))
    s.listen(5)
    say("ready")
    peer, _ = s.accept()
    say("accepted", protocol(peer))
    talk(peer, b"pong\n")
