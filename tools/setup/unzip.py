"""Lists a ZIP archive's files, or takes some of them out. Python's zipfile compares each file with its CRC-32.

usage: unzip.py list ARCHIVE
       unzip.py extract ARCHIVE FOLDER NAMES   (NAMES: a file that names one member a line)
"""

import os
import shutil
import sys
import zipfile
import zlib


def list_files(archive):
    with zipfile.ZipFile(archive) as file:
        for entry in file.infolist():
            if not entry.is_dir():
                print(entry.filename)


def extract_files(archive, folder, names):
    root = os.path.realpath(folder)
    with zipfile.ZipFile(archive) as file:
        for name in names:
            target = os.path.realpath(os.path.join(root, name))
            if os.path.commonpath([root, target]) != root:
                raise ValueError(f"got an entry outside of its folder, {name}")
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with file.open(name) as source, open(target, "wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
            executable = (file.getinfo(name).external_attr >> 16) & 0o111
            os.chmod(target, 0o755 if executable else 0o644)


def main(action, archive, *rest):
    try:
        if action == "list":
            list_files(archive)
        else:
            folder, listed = rest
            with open(listed, encoding="utf-8") as lines:
                extract_files(archive, folder, lines.read().splitlines())
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        sys.exit(f"{archive}: {error}")


main(*sys.argv[1:])
