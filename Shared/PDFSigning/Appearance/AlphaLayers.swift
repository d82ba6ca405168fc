// SPDX-License-Identifier: Apache-2.0
import Images

/// The colours of a picture apart from its transparency, for readers that blend and for those that may not.
struct AlphaLayers {
    /// One or three samples a pixel; where nothing is seen, the mean of what is, since readers that make the picture
    /// smaller mix it in.
    private(set) var colors: [UInt8]
    /// The same mixed with white by their opacity.
    private(set) var onWhite: [UInt8]
    /// One sample a pixel.
    private(set) var opacity: [UInt8]
    /// One bit a pixel, the highest first, rows padded to bytes: set where the pixel is as good as invisible.
    private(set) var holes: [UInt8]
    private(set) var isTransparent = false

    /// Below this opacity, of 255, a pixel is a hole.
    private static let visible = 8

    init(_ image: PNGImage) {
        let components = image.channels - 1
        let pixels = image.width * image.height
        let rowBytes = (image.width + 7) / 8
        let mean = Self.meanColor(of: image)
        colors = [UInt8](repeating: 0, count: pixels * components)
        onWhite = colors
        opacity = [UInt8](repeating: 0, count: pixels)
        holes = [UInt8](repeating: 0, count: rowBytes * image.height)
        for pixel in 0..<pixels {
            let alpha = Int(image.samples[pixel * (components + 1) + components])
            for index in 0..<components {
                let sample = image.samples[pixel * (components + 1) + index]
                colors[pixel * components + index] = alpha < Self.visible ? mean[index] : sample
                onWhite[pixel * components + index] = UInt8((Int(sample) * alpha + 255 * (255 - alpha) + 127) / 255)
            }
            opacity[pixel] = UInt8(alpha)
            if alpha < 255 { isTransparent = true }
            if alpha < Self.visible {
                let (row, column) = pixel.quotientAndRemainder(dividingBy: image.width)
                holes[row * rowBytes + column / 8] |= 0x80 >> UInt8(column % 8)
            }
        }
    }

    /// By opacity; black where nothing is seen at all.
    private static func meanColor(of image: PNGImage) -> [UInt8] {
        let components = image.channels - 1
        var sums = [Int](repeating: 0, count: components)
        var weight = 0
        for start in stride(from: 0, to: image.samples.count, by: components + 1) {
            let alpha = Int(image.samples[start + components])
            weight += alpha
            for index in 0..<components { sums[index] += Int(image.samples[start + index]) * alpha }
        }
        return sums.map { weight == 0 ? 0 : UInt8($0 / weight) }
    }
}
