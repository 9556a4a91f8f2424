#pragma once

// A stored object by its open descriptor, for ourselves and for DCMTK: nothing here or below asks the system for a file
// by name, which the pixel worker's sandbox would refuse.

#include "dcmtk/config/osconfig.h"

#include <vector>

#include "PixelsInternal.hpp"
#include "dcmtk/dcmdata/dcistrma.h"

namespace cdcmtk {

/// The bytes of an open file, by position.
class FileSource final : public PixelSource {
public:
    enum class Ownership { borrowed, owned };

    /// Closes `descriptor` in the end when it is owned. Throws PixelFailure when it is no regular file.
    FileSource(int descriptor, Ownership ownership);
    ~FileSource() override;
    FileSource(const FileSource &) = delete;
    FileSource &operator=(const FileSource &) = delete;

    size_t read(uint64_t position, void *buffer, size_t count) override;
    uint64_t available(uint64_t position, uint64_t) override { return position < byteCount ? byteCount - position : 0; }
    uint64_t size() const { return byteCount; }

private:
    int descriptor;
    Ownership ownership;
    uint64_t byteCount = 0;
};

/// What DCMTK reads a source by.
class SourceProducer final : public DcmProducer {
public:
    SourceProducer(FileSource &source, uint64_t position) : source(source), position(position) {}

    OFBool good() const override { return condition.good(); }
    OFCondition status() const override { return condition; }
    OFBool eos() override { return position >= source.size(); }
    offile_off_t avail() override { return static_cast<offile_off_t>(source.available(position, 0)); }
    offile_off_t read(void *buffer, offile_off_t count) override;
    offile_off_t skip(offile_off_t count) override;
    void putback(offile_off_t count) override;

private:
    FileSource &source;
    uint64_t position;
    OFCondition condition = EC_Normal;
    /// Headers are read in pieces of a few bytes; these were read at once.
    std::vector<uint8_t> window;
    uint64_t windowStart = 0;
};

/// DCMTK's stream over a source, which has to outlive it and every element read from it.
class SourceStream final : public DcmInputStream {
public:
    explicit SourceStream(FileSource &source, uint64_t position = 0)
        : DcmInputStream(&producer), producer(source, position), source(source), start(position) {}

    DcmInputStreamFactory *newFactory() const override;

private:
    SourceProducer producer;
    FileSource &source;
    uint64_t start;
};

}  // namespace cdcmtk
