// The QR reader of the offline checker: zxing-cpp reduced to what finds and reads QR codes, for WebAssembly.
// A picture is one byte of brightness a pixel. JavaScript asks for room, fills it, calls read, and takes the texts.
#include "BitMatrix.h"
#include "DecoderResult.h"
#include "HybridBinarizer.h"
#include "ImageView.h"
#include "qrcode/QRDecoder.h"
#include "qrcode/QRDetector.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

using namespace ZXing;

namespace {

constexpr int DOWNSCALE = 3, LARGE = 500;  // As ReadBarcodes does by default.
std::vector<uint8_t> pixels, smaller;
std::string texts;

void look(const uint8_t* data, int width, int height) {
    HybridBinarizer bitmap(ImageView(data, width, height, ImageFormat::Lum));
    const BitMatrix* matrix = bitmap.getBitMatrix();
    if (!matrix) return;
    auto patterns = QRCode::FindFinderPatterns(*matrix, true);
    for (const auto& set : QRCode::GenerateFinderPatternSets(patterns))
        for (auto&& found : QRCode::SampleQR(*matrix, set)) {
            auto result = QRCode::Decode(found.bits());
            if (!result.isValid()) continue;
            const auto& bytes = result.content().bytes;
            texts.append(bytes.begin(), bytes.end()).push_back('\n');
            break;
        }
}

}  // namespace

extern "C" __attribute__((export_name("room"))) uint8_t* room(int size) {
    pixels.resize(size);
    return pixels.data();
}

// Reads the picture in the room and returns how many bytes of text there are: each code, and a line end after it.
extern "C" __attribute__((export_name("read"))) int read_codes(int width, int height) {
    texts.clear();
    look(pixels.data(), width, height);
    std::vector<uint8_t> from = pixels;
    while (texts.empty() && std::max(width, height) > LARGE && std::min(width, height) >= DOWNSCALE) {
        const int w = width / DOWNSCALE, h = height / DOWNSCALE;
        smaller.assign(size_t(w) * h, 0);
        for (int y = 0; y < h; ++y)
            for (int x = 0; x < w; ++x) {
                int sum = DOWNSCALE * DOWNSCALE / 2;
                for (int v = 0; v < DOWNSCALE; ++v)
                    for (int u = 0; u < DOWNSCALE; ++u) sum += from[size_t(y * DOWNSCALE + v) * width + x * DOWNSCALE + u];
                smaller[size_t(y) * w + x] = sum / (DOWNSCALE * DOWNSCALE);
            }
        from.swap(smaller);
        width = w, height = h;
        look(from.data(), width, height);
    }
    return int(texts.size());
}

extern "C" __attribute__((export_name("text"))) const char* text() { return texts.data(); }
