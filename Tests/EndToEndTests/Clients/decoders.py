"""How others decode compressed pixels: DCMTK's tools, and pydicom with its codecs."""

import subprocess
import tempfile

from pydicom import dcmread
from pydicom.pixels import pixel_array

DCMTK = {
    "1.2.840.10008.1.2.4.50": "dcmdjpeg", "1.2.840.10008.1.2.4.51": "dcmdjpeg", "1.2.840.10008.1.2.4.57": "dcmdjpeg",
    "1.2.840.10008.1.2.4.70": "dcmdjpeg", "1.2.840.10008.1.2.4.80": "dcmdjpls", "1.2.840.10008.1.2.4.81": "dcmdjpls",
    "1.2.840.10008.1.2.5": "dcmdrle", "1.2.840.10008.1.2.1.99": "dcmconv",
}


def by_dcmtk(path):
    """The object as DCMTK decodes it, or None when none of its tools does."""
    tool = DCMTK.get(str(dcmread(path, stop_before_pixels=True).file_meta.TransferSyntaxUID))
    if tool is None:
        return None
    with tempfile.NamedTemporaryFile(suffix=".dcm") as output:
        arguments = ["+te"] if tool == "dcmconv" else []
        if subprocess.run([tool, *arguments, str(path), output.name], capture_output=True, timeout=60).returncode:
            return None
        data_set = dcmread(output.name)
        data_set.decode()  # before the file is gone
        return data_set


def by_pydicom(path):
    """The samples as pydicom decodes them, in the colours they are coded in; None when it has no codec."""
    try:
        return pixel_array(path, raw=True)
    except Exception:
        return None
