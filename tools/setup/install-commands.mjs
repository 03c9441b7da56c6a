// The command that brings a missing piece, for the system at hand.
import { readFileSync } from 'node:fs';

const commands = {
  compiler: {
    debian: 'sudo apt-get install -y g++',
    fedora: 'sudo dnf install -y gcc-c++',
    macos: 'xcode-select --install',
    other: 'install a C++17 compiler named c++',
  },
  python: {
    debian: 'sudo apt-get install -y python3 python3-venv',
    fedora: 'sudo dnf install -y python3 python3-pip',
    macos: 'brew install python@3.12',
    other: 'install Python 3.10 to 3.13',
  },
  venv: {
    debian: 'sudo apt-get install -y python3-venv',
    fedora: 'sudo dnf install -y python3-pip',
    macos: 'brew install python@3.12',
    other: 'install the Python modules venv and ensurepip',
  },
};

export function installCommand(piece, system = systemFamily()) {
  return commands[piece][system];
}

export function systemFamily(platform = process.platform, release = readRelease()) {
  if (platform === 'darwin') return 'macos';
  if (/^ID(_LIKE)?=.*(debian|ubuntu)/m.test(release)) return 'debian';
  if (/^ID(_LIKE)?=.*(fedora|rhel)/m.test(release)) return 'fedora';
  return 'other';
}

function readRelease() {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}
