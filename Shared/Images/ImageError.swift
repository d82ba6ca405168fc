// SPDX-License-Identifier: Apache-2.0

/// Why a picture cannot be read.
package enum ImageError: Error, Equatable {
    /// The bytes are not a PNG, end early, or contradict themselves.
    case damaged
    /// The header promises more pixels than the caller allows.
    case tooLarge(maximumPixels: Int)
}
