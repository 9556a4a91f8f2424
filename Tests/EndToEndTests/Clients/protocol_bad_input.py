"""Connections that break the Upper Layer protocol or DIMSE, one case each; reports what each one got.

    protocol_bad_input.py PORT
"""

import random
import struct
import sys

import protocol_wire as wire
from protocol_wire import COMMAND, LAST, Peer, emit, p_data, pdu, pdv

PORT = int(sys.argv[1])
CASES = []


def case(function):
    CASES.append(function)
    return function


def stranger(data):
    """What a client of another protocol gets."""
    peer = Peer(PORT)
    peer.send(data)
    result = peer.outcome()
    emit(sys._getframe(1).f_code.co_name, got=result, seconds=peer.elapsed())
    peer.close()


def spoken(name, *pieces, contexts=None):
    """Opens an Association, sends `pieces` and reports the first answer."""
    peer = Peer(PORT)
    opened = peer.associate(contexts=contexts)
    for piece in pieces:
        peer.send(piece)
    emit(name, opened=opened, got=peer.outcome(), seconds=peer.elapsed())
    peer.close()


def gone(name, *pieces, how="close"):
    """Opens an Association, sends `pieces` and disappears."""
    peer = Peer(PORT)
    opened = peer.associate()
    for piece in pieces:
        peer.send(piece)
    peer.reset() if how == "reset" else peer.close()
    emit(name, opened=opened, got="left")


def command_pdu(data, context=3, control=COMMAND | LAST):
    return p_data(pdv(context, control, data))


STORE = command_pdu(wire.store_command("2.25.601"))
DATA = wire.data_set("2.25.601", pixels=40_000)


@case
def http_get():
    stranger(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")


@case
def tls_hello():
    stranger(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500))


@case
def ssh_banner():
    stranger(b"SSH-2.0-OpenSSH_9.2\r\n")


@case
def random_bytes():
    stranger(b"\xa7" + random.Random(7).randbytes(4096))


@case
def request_of_four_gigabytes():
    stranger(struct.pack(">BBI", 1, 0, 0xFFFFFFFF) + bytes(100))


@case
def data_before_association():
    stranger(STORE)


@case
def request_of_random_bytes():
    stranger(pdu(1, random.Random(8).randbytes(300)))


@case
def request_of_nothing():
    stranger(pdu(1, b""))


@case
def request_with_items_beyond_its_end():
    whole = wire.associate_rq()
    at = whole.index(wire.APPLICATION_CONTEXT.encode()) + len(wire.APPLICATION_CONTEXT)
    stranger(whole[: at + 2] + b"\xff\xff" + whole[at + 4 :])


@case
def request_with_a_long_uid():
    stranger(wire.associate_rq(contexts=[(1, "1." + "2" * 3000, [wire.IMPLICIT])]))


@case
def request_with_an_even_context_id():
    stranger(wire.associate_rq(contexts=[(2, wire.VERIFICATION, [wire.IMPLICIT])]))


@case
def request_with_one_context_id_twice():
    twice = [(1, wire.VERIFICATION, [wire.IMPLICIT]), (1, wire.SECONDARY_CAPTURE, [wire.EXPLICIT])]
    stranger(wire.associate_rq(contexts=twice))


@case
def request_without_contexts():
    user = wire.item(0x50, wire.item(0x51, struct.pack(">I", 16384)))
    fixed = struct.pack(">HH16s16s32x", 1, 0, b"PRIORD".ljust(16), b"PROTOCOL".ljust(16))
    stranger(pdu(1, fixed + wire.item(0x10, wire.APPLICATION_CONTEXT.encode()) + user))


@case
def request_with_another_application_context():
    stranger(wire.associate_rq(application="1.2.3.4"))


@case
def request_with_everything():
    syntaxes = [f"1.2.840.10008.1.2.4.{n}" for n in range(50, 100)]
    contexts = [(2 * n + 1, f"1.2.840.10008.5.1.4.1.1.{n + 1}", syntaxes) for n in range(128)]
    stranger(wire.associate_rq(contexts=contexts))


@case
def second_request():
    spoken("second_request", wire.associate_rq())


@case
def answer_to_nothing():
    spoken("answer_to_nothing", pdu(2, wire.associate_rq()[6:]))


@case
def unknown_pdu_type():
    spoken("unknown_pdu_type", pdu(0x4D, bytes(20)))


@case
def pdu_of_four_gigabytes():
    spoken("pdu_of_four_gigabytes", pdu(4, bytes(100), length=0xFFFFFFFF))


@case
def pdu_over_the_maximum():
    spoken("pdu_over_the_maximum", pdu(4, b"", length=131_073))


@case
def pdu_of_nothing():
    spoken("pdu_of_nothing", pdu(4, b""))


@case
def pdu_of_three_bytes():
    spoken("pdu_of_three_bytes", pdu(4, bytes(3)))


@case
def pdv_lengths():
    for length in (0, 1, 2, 5, 1000, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF):
        spoken(f"pdv_length {length:#x}", p_data(pdv(3, COMMAND | LAST, wire.store_command("2.25.600"), length)))
        spoken(f"pdv_length {length:#x} of data", STORE, p_data(pdv(3, LAST, DATA[:4000], length)))


@case
def second_pdv_beyond_its_pdu():
    first = pdv(3, COMMAND | LAST, wire.store_command("2.25.600"))
    spoken("second_pdv_beyond_its_pdu", pdu(4, first + struct.pack(">IBB", 10_000, 3, LAST) + bytes(10)))


@case
def context_never_proposed():
    spoken("context_never_proposed", command_pdu(wire.echo_command(), context=99))


@case
def context_zero():
    spoken("context_zero", command_pdu(wire.echo_command(), context=0))


@case
def context_refused():
    contexts = [(1, wire.VERIFICATION, [wire.IMPLICIT]), (3, "1.2.840.10008.5.1.1.9", [wire.IMPLICIT])]
    spoken("context_refused", command_pdu(wire.echo_command()), contexts=contexts)


@case
def data_in_another_context():
    spoken("data_in_another_context", STORE, p_data(pdv(1, LAST, DATA[:100])))


@case
def data_before_command():
    spoken("data_before_command", p_data(pdv(3, LAST, DATA[:1000])))


@case
def command_within_data():
    spoken("command_within_data", STORE, p_data(pdv(3, 0, DATA[:1000])), STORE)


@case
def release_within_data():
    spoken("release_within_data", STORE, p_data(pdv(3, 0, DATA[:1000])), wire.RELEASE_RQ)


@case
def release_within_command():
    spoken("release_within_command", p_data(pdv(3, COMMAND, wire.store_command("2.25.600")[:30])), wire.RELEASE_RQ)


@case
def command_of_garbage():
    spoken("command_of_garbage", command_pdu(random.Random(9).randbytes(200)))


@case
def command_of_nothing():
    spoken("command_of_nothing", command_pdu(b""))


@case
def command_with_a_length_beyond_its_end():
    spoken("command_with_a_length_beyond_its_end", command_pdu(struct.pack("<HHI", 0, 2, 0xFFFFFFF0) + bytes(8)))


@case
def command_without_end():
    piece = p_data(pdv(3, COMMAND, wire.element(0x0600, "X" * 10_000)))
    spoken("command_without_end", *([piece] * 10))


@case
def response_as_request():
    spoken("response_as_request", command_pdu(wire.command(0x8001, wire.SECONDARY_CAPTURE, "2.25.600")))


@case
def operation_not_offered():
    spoken("operation_not_offered", command_pdu(wire.command(0x0140, wire.SECONDARY_CAPTURE, "2.25.600")))


@case
def store_of_another_class():
    other = wire.store_command("2.25.600", sop_class="1.2.840.10008.5.1.4.1.1.2")
    spoken("store_of_another_class", command_pdu(other), p_data(pdv(3, LAST, DATA[:1000])))


@case
def store_in_a_verification_context():
    body = wire.store_command("2.25.600", sop_class=wire.VERIFICATION)
    spoken("store_in_a_verification_context", command_pdu(body, context=1), p_data(pdv(1, LAST, DATA[:1000])))


@case
def find_in_a_storage_context():
    body = wire.command(0x0020, wire.SECONDARY_CAPTURE, has_data_set=True)
    spoken("find_in_a_storage_context", command_pdu(body), p_data(pdv(3, LAST, b"")))


@case
def echo_in_a_storage_context():
    spoken("echo_in_a_storage_context", command_pdu(wire.command(0x0030, wire.SECONDARY_CAPTURE)))


@case
def store_without_data():
    spoken("store_without_data", command_pdu(wire.command(0x0001, wire.SECONDARY_CAPTURE, "2.25.600")))


@case
def store_of_nothing():
    spoken("store_of_nothing", STORE, p_data(pdv(3, LAST, b"")))


@case
def leaves_after_request():
    gone("leaves_after_request")


@case
def leaves_after_command():
    gone("leaves_after_command", STORE)


@case
def leaves_within_command():
    gone("leaves_within_command", STORE[:40])


@case
def leaves_within_data():
    for how in ("close", "reset"):
        gone("leaves_within_data " + how, STORE, p_data(pdv(3, 0, DATA[:8000])), p_data(pdv(3, 0, DATA[8000:16000])), how=how)


@case
def leaves_within_pdu():
    for how in ("close", "reset"):
        gone("leaves_within_pdu " + how, STORE, p_data(pdv(3, 0, DATA[:8000]))[:5000], how=how)


@case
def leaves_without_reading_the_answer():
    gone("leaves_without_reading_the_answer", command_pdu(wire.echo_command(), context=1), how="reset")


@case
def aborts_within_data():
    gone("aborts_within_data", STORE, p_data(pdv(3, 0, DATA[:8000])), wire.ABORT)


@case
def leaves_half_a_request():
    peer = Peer(PORT)
    peer.send(wire.associate_rq()[:100])
    peer.close()
    emit("leaves_half_a_request", got="left")


if __name__ == "__main__":
    for run in CASES:
        run()
