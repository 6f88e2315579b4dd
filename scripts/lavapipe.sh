#!/usr/bin/env bash
# lavapipe.sh DIR: Mesa's software driver for Vulkan, of Debian's stable release and its backports, unpacked in DIR with all
# that it needs, apart from the system: no package is installed, and root is not needed. DIR/icd.json is to be named in
# VK_ICD_FILENAMES, and DIR/bin to come first in PATH: the node there is this one, with the C library of DIR, since the
# driver may need a newer one than the system has. It stores float16, has subgroups of 8 and subgroup matrices, which
# SwiftShader does not.
set -euo pipefail
mkdir -p "$1"
dir=$(cd "$1" && pwd)
mkdir -p "$dir"/{lists/partial,cache/archives/partial,files,bin}
: > "$dir/status" # nothing is installed there

# The system's own source of Debian packages; whether its lists have been fetched does not matter.
site=$(apt-get indextargets --no-release-info --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
  awk '$1 !~ /-/ && $2 ~ /debian/ { print $2; exit }')
if [ -z "$site" ]; then
  echo 'lavapipe.sh: expected a source of Debian packages in apt, got none: run it on Debian' >&2
  exit 1
fi
key=/usr/share/keyrings/debian-archive-keyring.gpg
for suite in stable stable-backports; do echo "deb [signed-by=$key] $site $suite main"; done > "$dir/sources.list"
apt() {
  apt-get -o "Dir::Etc::sourcelist=$dir/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::preferencesparts=/dev/null -o "Dir::State::Lists=$dir/lists" -o "Dir::Cache=$dir/cache" \
    -o "Dir::State::status=$dir/status" -o APT::Install-Recommends=false -o Acquire::Languages=none \
    -o Acquire::Retries=3 "$@"
}
apt update
# Backports where they have it, else the release's own.
apt install --yes --download-only --target-release stable-backports mesa-vulkan-drivers libvulkan1 patchelf
for package in "$dir"/cache/archives/*.deb; do dpkg -x "$package" "$dir/files"; done

driver=$(find "$dir/files" -name libvulkan_lvp.so)
test -n "$driver"
libraries=$(dirname "$driver")
icd=$(find "$dir/files" -name 'lvp_icd*.json' | head -n 1)
sed "s#\"library_path\": *\"[^\"]*\"#\"library_path\": \"$driver\"#" "$icd" > "$dir/icd.json"

loader=$(find "$libraries" -name 'ld-linux*.so*' | head -n 1)
patch() { "$loader" --library-path "$libraries" "$dir/files/usr/bin/patchelf" "$@"; }
cp "$(node -p process.execPath)" "$dir/bin/node"
patch --force-rpath --set-rpath "$libraries" "$dir/bin/node" # first: patchelf breaks the file the other way round
patch --set-interpreter "$loader" "$dir/bin/node"
"$dir/bin/node" --version
