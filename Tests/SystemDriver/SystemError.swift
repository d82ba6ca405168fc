// SPDX-License-Identifier: Apache-2.0

/// What a driver of the whole system could not do, in words for the person who reads the run's output.
package struct SystemError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
