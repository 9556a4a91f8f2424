"""A disk of our own that can be full, fail and lose power: a file system on an image file. Needs root."""

import os
import pathlib
import subprocess


class LoopDisk:
    """Mounted for as long as it is open; unmounted and removed at the end, whatever happens."""

    def __init__(self, file_system, byte_count, directory):
        self.file_system = file_system
        self.image = pathlib.Path(directory) / f"{file_system}.img"
        self.mount_point = pathlib.Path(directory) / file_system
        self.byte_count = byte_count

    def __enter__(self):
        self.mount_point.mkdir()
        with open(self.image, "wb") as image:
            image.truncate(self.byte_count)
        # ext4 without the space kept for root, as whom priord runs here.
        options = {"ext4": ["-q", "-m", "0"], "xfs": ["-q"]}[self.file_system]
        subprocess.run([f"mkfs.{self.file_system}", *options, self.image], check=True)
        self.mount()
        return self

    def __exit__(self, *_):
        if os.path.ismount(self.mount_point):
            # A process that is just ending may still hold a file; the mount then goes with it.
            if subprocess.run(["umount", self.mount_point], capture_output=True).returncode != 0:
                subprocess.run(["umount", "-l", self.mount_point])
        self.image.unlink(missing_ok=True)
        self.mount_point.rmdir()

    def mount(self):
        """Replays the journal when it was not unmounted cleanly. The loop device goes with the mount."""
        subprocess.run(["mount", "-o", "loop", "-t", self.file_system, self.image, self.mount_point], check=True)

    def unmount(self):
        subprocess.run(["umount", self.mount_point], check=True)

    def cut_power(self):
        """From now on nothing reaches the image, not even the log: every call answers EIO, as if the disk were gone."""
        subprocess.run(["xfs_io", "-x", "-c", "shutdown", self.mount_point], check=True)

    def free_byte_count(self):
        status = os.statvfs(self.mount_point)
        return status.f_bavail * status.f_frsize

    def fill(self, leaving):
        """Takes space until no more than about `leaving` bytes are free; `release` gives it back."""
        with open(self.mount_point / "filler", "ab") as filler:
            size = os.fstat(filler.fileno()).st_size
            missing = self.free_byte_count() - leaving
            while missing > 0:
                try:
                    os.posix_fallocate(filler.fileno(), size, missing)
                    break
                except OSError:  # others took some of it meanwhile
                    missing //= 2

    def release(self):
        (self.mount_point / "filler").unlink(missing_ok=True)
