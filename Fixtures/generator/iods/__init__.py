"""The attributes of each SOP Class we make, one file a class; PS3.3 A names the modules in the comments."""
