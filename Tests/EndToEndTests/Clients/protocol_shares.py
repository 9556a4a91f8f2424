"""A migration over as many Associations as it can get, beside a modality.

    protocol_shares.py PORT

The daemon has eight Associations: PACS may have four, two are kept for DR1, and whoever is in no list counts by address.
"""

import sys
import time

from protocol_wire import COMMAND, LAST, Peer, data_set, emit, p_data, pdv, store_command

PORT = int(sys.argv[1])


def opened(calling, count):
    """So many attempts, one after the other: those that hold, and what each was told."""
    held, told = [], []
    for _ in range(count):
        peer = Peer(PORT)
        told.append(peer.associate(calling=calling))
        if told[-1] == "accepted":
            held.append(peer)
    return held, told


def summary(told):
    return ", ".join(f"{told.count(text)} {text}" for text in sorted(set(told)))


def stores(peer, instance):
    peer.send(p_data(pdv(3, COMMAND | LAST, store_command(instance))))
    peer.send(p_data(pdv(3, LAST, data_set(instance))))
    return peer.outcome()


flood, told = opened("PACS", 16)
emit("flood", told=summary(told))
# Every one of them is in the middle of an Instance.
for number, peer in enumerate(flood):
    peer.send(p_data(pdv(3, COMMAND | LAST, store_command(f"2.25.93{number}"))))
    peer.send(p_data(pdv(3, 0, data_set(f"2.25.93{number}", pixels=100_000)[:50_000])))

others, told = opened("CT1", 4)
emit("another", told=summary(told))
room, told = opened("DR1", 4)
emit("room", told=summary(told))
emit("room stores", status=", ".join(stores(peer, f"2.25.94{number}") for number, peer in enumerate(room)))

room[0].close()
others[0].close()
# Until the daemon has seen that CT1 has gone.
for _ in range(200):
    _, told = opened("WHO", 1)
    if told != ["rejected 2/3/2"]:
        break
    time.sleep(0.02)
emit("stranger", told=summary(told))

# What the flood has begun is finished all the same.
for number, peer in enumerate(flood):
    peer.send(p_data(pdv(3, LAST, data_set(f"2.25.93{number}", pixels=100_000)[50_000:])))
emit("flood goes on", status=summary([peer.outcome() for peer in flood]))
for peer in flood + others + room:
    peer.close()
