"""Makes the fixture studies: invented people, anatomy-like pictures, real DICOM structure.

Start reading in studies.py (what is made), then builder.py (how one study is put together),
iods/ (the attributes of each SOP Class) and images/ (the pictures). write.py turns a data set
and its pixels into bytes that are the same on every run.
"""
