"""A modality that never gives up: sends distinct instances, one after the other, until SIGTERM.

Writes one line for every answer, only after it has come:
    RECORD.acked    <SOP Instance UID> <SHA-256 of the encoded Data Set> <bytes>
    RECORD.refused  <SOP Instance UID> <Status, four hexadecimal digits>
An instance without an answer is sent again over the next Association, as a modality does; now and then one that
was answered long ago is, too. A refused one is not sent again.
"""

import argparse
import hashlib
import random
import signal
import socket
import time

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE
from pynetdicom.dsutils import encode

CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
DX_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.1.1"
UID_ROOT = "1.2.826.0.1.3680043.8.498"
SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]

# One Association is released and the next one opened after so many instances.
INSTANCES_PER_ASSOCIATION = 40
# Share of instances that are sent although they were answered before.
REPEATED = 0.05


class Instances:
    """The sender's instances by number; the same number gives the same bytes in every process."""

    def __init__(self, seed, sender, fixed_size=None):
        self.seed, self.sender, self.fixed_size = seed, sender, fixed_size

    def byte_count(self, chance):
        """2 KB to 600 KB, small ones more often; one in a hundred 2 to 5 MB."""
        if self.fixed_size:
            return self.fixed_size
        if chance.random() < 0.01:
            return chance.randrange(2_000_000, 5_000_000)
        return int(2_000 * 300 ** chance.random())

    def __getitem__(self, number):
        chance = random.Random(f"{self.seed}.{self.sender}.{number}")
        study, series = number // 50, number // 20
        is_image_of_ct = study % 2 == 0
        instance = Dataset()
        instance.SOPClassUID = CT_IMAGE_STORAGE if is_image_of_ct else DX_IMAGE_STORAGE
        instance.SOPInstanceUID = f"{UID_ROOT}.{self.seed}.{self.sender}.{study}.{series}.{number}"
        instance.SeriesInstanceUID = f"{UID_ROOT}.{self.seed}.{self.sender}.{study}.{series}"
        instance.StudyInstanceUID = f"{UID_ROOT}.{self.seed}.{self.sender}.{study}"
        instance.PatientID = f"DUR{self.sender}-{study % 7}"
        instance.PatientName = "Invented^Durable"
        instance.Modality = "CT" if is_image_of_ct else "DX"
        instance.StudyDate = "20261101"
        instance.StudyDescription = "Durability"
        instance.InstanceNumber = number
        rows = max(1, self.byte_count(chance) // 2 // 512)
        instance.Rows, instance.Columns = rows, 512
        instance.BitsAllocated = instance.BitsStored = 16
        instance.HighBit, instance.PixelRepresentation, instance.SamplesPerPixel = 15, 0, 1
        instance.PhotometricInterpretation = "MONOCHROME2"
        instance.PixelData = chance.randbytes(rows * 512 * 2)
        instance["PixelData"].VR = "OW"
        instance.file_meta = FileMetaDataset()
        instance.file_meta.TransferSyntaxUID = SYNTAXES[number % 2]
        return instance


def digest(instance):
    syntax = instance.file_meta.TransferSyntaxUID
    encoded = encode(instance, syntax.is_implicit_VR, syntax.is_little_endian)
    return hashlib.sha256(encoded).hexdigest(), len(encoded)


def keep_answers(association):
    """Keeps pynetdicom's reactor from taking the answer that a sender waits for.

    The reactor may pass its checkpoint just when `send_c_store` thinks it paused; it then drops the answer as an
    unexpected message and the sender waits for its time-out. Nobody sends us requests, so it need not look at all.
    """
    next_message = association.dimse.get_msg
    association.dimse.get_msg = lambda block=False: next_message(block=True) if block else (None, None)


class Sender:
    def __init__(self, options):
        self.port = options.port
        self.limit = options.limit
        self.acked = open(options.record + ".acked", "a", buffering=1)
        self.refused = open(options.record + ".refused", "a", buffering=1)
        self.instances = Instances(options.seed, options.sender, options.fixed_size)
        self.chance = random.Random(f"repeat {options.seed}.{options.sender}")
        self.next = options.first
        self.answered = []
        self.stops = False
        self.entity = AE(ae_title=f"SENDER{options.sender}")
        self.entity.acse_timeout = self.entity.connection_timeout = 5
        self.entity.dimse_timeout = self.entity.network_timeout = 30
        for sop_class in (CT_IMAGE_STORAGE, DX_IMAGE_STORAGE):
            for syntax in SYNTAXES:
                self.entity.add_requested_context(sop_class, syntax)
        self.called = options.called

    def run(self):
        while not self.stops and self.is_open():
            self.wait_for_listener()
            if self.stops:
                return
            association = self.entity.associate("127.0.0.1", self.port, ae_title=self.called)
            if not association.is_established:
                continue
            keep_answers(association)
            for _ in range(INSTANCES_PER_ASSOCIATION):
                if self.stops or not self.is_open() or not self.send_next(association):
                    break
            if association.is_established:
                association.release()

    def is_open(self):
        return self.limit is None or len(self.answered) < self.limit

    def wait_for_listener(self):
        """A refused connection is cheaper to learn by a plain socket."""
        while not self.stops:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
                return
            except OSError:
                time.sleep(0.02)

    def send_next(self, association):
        """Sends one instance; false when the Association has ended without an answer."""
        if self.answered and self.chance.random() < REPEATED:
            number, is_new = self.chance.choice(self.answered), False
        else:
            number, is_new = self.next, True
        instance = self.instances[number]
        sha, byte_count = digest(instance)
        try:
            answer = association.send_c_store(instance)
        except RuntimeError:  # pynetdicom has learned since the last answer that the connection is gone
            return False
        if "Status" not in answer:
            return False
        if answer.Status == 0:
            self.acked.write(f"{instance.SOPInstanceUID}\t{sha}\t{byte_count}\n")
        else:
            self.refused.write(f"{instance.SOPInstanceUID}\t{answer.Status:04X}\n")
        if is_new:
            self.next += 1
            self.answered.append(number)
        return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--called", default="PRIORD", help="AE Title to call")
    parser.add_argument("--record", required=True, help="files to which answers are appended, without their ending")
    parser.add_argument("--sender", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first instance")
    parser.add_argument("--limit", type=int, help="end after so many answers instead of at SIGTERM")
    parser.add_argument("--fixed-size", type=int, help="bytes of pixel data, instead of sizes of every order")
    options = parser.parse_args()
    sender = Sender(options)

    def stop(*_):
        sender.stops = True

    signal.signal(signal.SIGTERM, stop)
    sender.run()


if __name__ == "__main__":
    main()
