#!/bin/sh
# Builds decoder.wasm.gz from the sources of zxing-cpp 3.1.1 (Apache-2.0): build.sh FOLDER_OF_ZXING_CPP
# Needs a C++20 compiler for wasm32-wasi with libc++; CXX names it (measured with "zig c++" 0.17.1).
# Exceptions do not exist in it: what would throw ends the call, and the page counts that as "no code".
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$1/core/src" "$work/src"
cd "$work/src"
printf '#pragma once\n#define ZXING_READERS\n#define ZXING_ENABLE_QRCODE 1\n#define ZXING_ENABLE_1D 0\n#define ZXING_ENABLE_AZTEC 0\n#define ZXING_ENABLE_DATAMATRIX 0\n#define ZXING_ENABLE_MAXICODE 0\n#define ZXING_ENABLE_PDF417 0\n#define ZXING_VERSION_MAJOR 3\n#define ZXING_VERSION_MINOR 1\n#define ZXING_VERSION_PATCH 1\n#define ZXING_VERSION_STR "3.1.1"\n' > Version.h
sed -i 's/thread_local \/\/.*/static/' ZXConfig.h
# A block that cannot be corrected has no text: it is not looked into, so that nothing has to be thrown.
sed -i 's/^\t\t\terror = ChecksumError();/\t\t\treturn ChecksumError();/; s/^\ttry$//; s/} catch (.*) {.*/} if (false) {/; s/error = std::move(e);//' qrcode/QRDecoder.cpp
find . -name '*.h' -o -name '*.cpp' | xargs sed -i -E 's/\bthrow;/__builtin_trap();/; s/\bthrow ([A-Za-z:_]+[({])/__builtin_trap(), \1/'
units="BitArray BitMatrix BitSource BinaryBitmap CharacterSet ConcentricFinder Content ECI Error GlobalHistogramBinarizer
 GridSampler HybridBinarizer JSON LocalGrid PerspectiveTransform ReedSolomon ResultPoint TextDecoder Utf WhiteRectDetector
 qrcode/QRBitMatrixParser qrcode/QRCodecMode qrcode/QRDataBlock qrcode/QRDecoder qrcode/QRDetector
 qrcode/QRErrorCorrectionLevel qrcode/QRFormatInformation qrcode/QRVersion"
files=
for unit in $units; do [ -f "$unit.cpp" ] && files="$files $unit.cpp"; done
# shellcheck disable=SC2086
${CXX:-clang++} -target wasm32-wasi -mexec-model=reactor -std=c++20 -O2 -flto -DNDEBUG -DZXING_INTERNAL -fno-exceptions -fno-rtti \
  -ffunction-sections -fdata-sections -Wno-everything -Wl,--gc-sections -Wl,--strip-all -I. \
  -o "$work/decoder.wasm" "$here/reader.cpp" $files
gzip -9 -n -c "$work/decoder.wasm" > "$here/decoder.wasm.gz"
ls -l "$work/decoder.wasm" "$here/decoder.wasm.gz"
