#!/usr/bin/env bash
# lavapipe.sh DIR: Mesa's software driver for Vulkan, unpacked in DIR apart from the system's, with DIR/icd.json to name in
# VK_ICD_FILENAMES. It stores float16 and has subgroups of 8, which SwiftShader does not. WebGPU needs Mesa 24 or newer:
# on an older Debian that of its backports is taken. The distribution's own package brings the libraries that it needs.
set -euo pipefail
dir=$1
as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" "$dir/files"
"${as_root[@]}" apt-get update
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends mesa-vulkan-drivers
cd "$dir"
options=()
if dpkg --compare-versions "$(dpkg-query -W -f '${Version}' mesa-vulkan-drivers)" lt 24; then
  # shellcheck disable=SC1091
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  site=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $codename" | head -n 1)
  key=/usr/share/keyrings/debian-archive-keyring.gpg
  echo "deb [signed-by=$key] $site $codename-backports main" > sources.list
  options=(-o "Dir::Etc::sourcelist=$dir/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::Lists=$dir/lists" -o "Dir::Cache=$dir/cache")
  apt-get "${options[@]}" update
  apt-get "${options[@]}" download mesa-vulkan-drivers
  dpkg -x mesa-vulkan-drivers_*.deb files
else
  dpkg -L mesa-vulkan-drivers | while read -r file; do
    if [ -f "$file" ]; then install -D "$file" "files$file"; fi
  done
fi
library=$(find "$dir/files" -name libvulkan_lvp.so)
test -n "$library"
icd=$(find "$dir/files" -name 'lvp_icd*.json')
sed "s#\"library_path\": *\"[^\"]*\"#\"library_path\": \"$library\"#" "$icd" > icd.json
