"""One instance of any size, in PDUs as large as they may be.

    protocol_large.py PORT BYTES
"""

import sys

import protocol_wire as wire
from protocol_wire import COMMAND, LAST, Peer, emit, p_data, pdv

PORT, BYTES = int(sys.argv[1]), int(sys.argv[2])
PIECE = 128 * 1024 - 6

header = wire.data_set("2.25.740", pixels=0)[:-4] + wire.struct.pack("<I", BYTES)
peer = Peer(PORT)
peer.associate()
peer.send(p_data(pdv(3, COMMAND | LAST, wire.store_command("2.25.740"))))
peer.send(p_data(pdv(3, 0, header)))
whole = p_data(pdv(3, 0, bytes(PIECE)))
for _ in range(BYTES // PIECE):
    peer.send(whole)
peer.send(p_data(pdv(3, LAST, bytes(BYTES % PIECE))))
emit("large", got=peer.outcome(within=60))
peer.close()
