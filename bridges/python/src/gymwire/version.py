"""What is spoken here, and by whom."""

PACKAGE_VERSION = "0.1.0"

#: Majors must be equal; minors only add what older peers may ignore.
PROTOCOL_MAJOR = 1
PROTOCOL_MINOR = 3
