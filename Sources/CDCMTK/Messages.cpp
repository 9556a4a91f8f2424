#include "dcmtk/config/osconfig.h"

#include "Association.hpp"

#include "dcmtk/dcmnet/dul.h"

#include <algorithm>
#include <cstring>

// Commands are read and written here rather than by DIMSE_receiveCommand and DIMSE_sendMessage: those refuse Transfer
// Syntaxes that DCMTK cannot decode, and their parser recurses into whatever nesting a peer sends. A command is a flat
// list of group 0000 elements in Implicit VR Little Endian (PS3.7 6.3.1), so little is needed.

namespace cdcmtk {
namespace {

constexpr size_t maximumCommandLength = 1 << 16;
constexpr uint16_t noDataSet = 0x0101;

enum Element : uint16_t {
    groupLength = 0x0000,
    affectedSOPClassUID = 0x0002,
    requestedSOPClassUID = 0x0003,
    commandField = 0x0100,
    messageID = 0x0110,
    messageIDBeingRespondedTo = 0x0120,
    moveDestination = 0x0600,
    priority = 0x0700,
    commandDataSetType = 0x0800,
    statusElement = 0x0900,
    errorComment = 0x0902,
    errorID = 0x0903,
    affectedSOPInstanceUID = 0x1000,
    requestedSOPInstanceUID = 0x1001,
    eventTypeID = 0x1002,
    actionTypeID = 0x1008,
    remainingSubOperations = 0x1020,
    completedSubOperations = 0x1021,
    failedSubOperations = 0x1022,
    warningSubOperations = 0x1023,
    moveOriginator = 0x1030,
    moveOriginatorMessageID = 0x1031,
};

constexpr uint16_t responseBit = 0x8000;
constexpr uint16_t cancelRequest = 0x0FFF;

/// Command Fields without their response bit (PS3.7 E.1).
enum Field : uint16_t {
    nEventReport = 0x0100,
    nGet = 0x0110,
    nSet = 0x0120,
    nAction = 0x0130,
    nDelete = 0x0150,
};

/// Whether a command names the SOP Instance it wants something done to by the Requested UIDs (PS3.7 10.3).
bool isByRequestedUIDs(uint16_t field) {
    return field == nGet || field == nSet || field == nAction || field == nDelete;
}

uint16_t number16(const uint8_t *bytes) { return static_cast<uint16_t>(bytes[0] | bytes[1] << 8); }

uint32_t number32(const uint8_t *bytes) { return number16(bytes) | static_cast<uint32_t>(number16(bytes + 2)) << 16; }

template <size_t capacity> void copyText(char (&target)[capacity], const uint8_t *bytes, size_t count) {
    while (count > 0 && (bytes[count - 1] == 0 || bytes[count - 1] == ' ')) --count;
    count = std::min(count, capacity - 1);
    std::memcpy(target, bytes, count);
    target[count] = 0;
}

/// False when the bytes are no command.
bool parse(const std::vector<uint8_t> &bytes, cdcmtk_command &command) {
    bool hasField = false;
    for (size_t at = 0; at < bytes.size();) {
        if (bytes.size() - at < 8) return false;
        const uint8_t *element = bytes.data() + at;
        const uint32_t length = number32(element + 4);
        if (number16(element) != 0 || length > bytes.size() - at - 8) return false;
        const uint8_t *value = element + 8;
        at += 8 + length;
        const uint16_t number = length >= 2 ? number16(value) : 0;
        switch (number16(element + 2)) {
        case commandField:
            command.field = number;
            hasField = length == 2;
            break;
        case messageID:
        case messageIDBeingRespondedTo: command.message_id = number; break;
        case commandDataSetType: command.has_data_set = number != noDataSet; break;
        case statusElement: command.status = number; break;
        case errorID: command.error_id = number; break;
        case errorComment: copyText(command.error_comment, value, length); break;
        case eventTypeID:
        case actionTypeID: command.type_id = number; break;
        case affectedSOPClassUID:
        case requestedSOPClassUID: copyText(command.affected_sop_class_uid, value, length); break;
        case affectedSOPInstanceUID:
        case requestedSOPInstanceUID: copyText(command.affected_sop_instance_uid, value, length); break;
        case moveDestination: copyText(command.move_destination, value, length); break;
        case moveOriginator: copyText(command.move_originator, value, length); break;
        case moveOriginatorMessageID: command.move_originator_message_id = number; break;
        case remainingSubOperations:
        case completedSubOperations:
        case failedSubOperations:
        case warningSubOperations:
            command.has_sub_operations = true;
            command.sub_operations[number16(element + 2) - remainingSubOperations] = number;
            break;
        default: break;
        }
    }
    return hasField;
}

class CommandWriter {
public:
    void put(Element element, uint16_t value) {
        begin(element, 2);
        append16(value);
    }

    /// UIDs are padded with NUL, text and AE Titles with a space (PS3.5 6.2).
    void put(Element element, const char *text, uint8_t padding = 0) {
        const size_t length = std::strlen(text);
        if (length == 0) return;
        begin(element, static_cast<uint32_t>(length + length % 2));
        bytes_.insert(bytes_.end(), text, text + length);
        if (length % 2 != 0) bytes_.push_back(padding);
    }

    std::vector<uint8_t> finished() {
        std::vector<uint8_t> elements;
        elements.swap(bytes_);
        begin(groupLength, 4);
        append16(static_cast<uint16_t>(elements.size()));
        append16(static_cast<uint16_t>(elements.size() >> 16));
        bytes_.insert(bytes_.end(), elements.begin(), elements.end());
        return std::move(bytes_);
    }

private:
    void append16(uint16_t value) {
        bytes_.push_back(static_cast<uint8_t>(value));
        bytes_.push_back(static_cast<uint8_t>(value >> 8));
    }

    void begin(Element element, uint32_t length) {
        append16(0);
        append16(element);
        append16(static_cast<uint16_t>(length));
        append16(static_cast<uint16_t>(length >> 16));
    }

    std::vector<uint8_t> bytes_;
};

/// Elements in ascending order, as PS3.7 6.3.1 asks.
std::vector<uint8_t> encoded(const cdcmtk_command &command) {
    CommandWriter writer;
    const bool isResponse = (command.field & responseBit) != 0;
    const bool isRequested = isByRequestedUIDs(command.field);
    const bool isComposite = (command.field & ~responseBit) < nEventReport;
    writer.put(isRequested ? requestedSOPClassUID : affectedSOPClassUID, command.affected_sop_class_uid);
    writer.put(commandField, command.field);
    // A C-CANCEL-RQ names the message it cancels and has no ID of its own (PS3.7 9.3.2.3).
    const bool namesOther = isResponse || command.field == cancelRequest;
    writer.put(namesOther ? messageIDBeingRespondedTo : messageID, command.message_id);
    if (!isResponse) writer.put(moveDestination, command.move_destination, ' ');
    if (isComposite && !isResponse && command.has_data_set) writer.put(priority, uint16_t(0));
    writer.put(commandDataSetType, command.has_data_set ? uint16_t(0) : noDataSet);
    if (isResponse) {
        writer.put(statusElement, command.status);
        writer.put(errorComment, command.error_comment, ' ');
        if (command.error_id != 0) writer.put(errorID, command.error_id);
    }
    writer.put(isRequested ? requestedSOPInstanceUID : affectedSOPInstanceUID, command.affected_sop_instance_uid);
    if (command.type_id != 0) {
        if ((command.field & ~responseBit) == nEventReport) writer.put(eventTypeID, command.type_id);
        if ((command.field & ~responseBit) == nAction) writer.put(actionTypeID, command.type_id);
    }
    if (isResponse && command.has_sub_operations)
        for (uint16_t i = command.has_remaining_sub_operations ? 0 : 1; i < 4; ++i)
            writer.put(static_cast<Element>(remainingSubOperations + i), command.sub_operations[i]);
    if (!isResponse && command.move_originator[0] != 0) {
        writer.put(moveOriginator, command.move_originator, ' ');
        writer.put(moveOriginatorMessageID, command.move_originator_message_id);
    }
    return writer.finished();
}

OFCondition nextPDV(cdcmtk_association &association, DUL_PDV &pdv) {
    auto **dul = &association.association->DULassociation;
    OFCondition condition = DUL_NextPDV(dul, &pdv);
    if (condition.good()) return condition;
    condition = DUL_ReadPDVs(dul, nullptr, DUL_BLOCK, 0);
    return condition == DUL_PDATAPDUARRIVED ? DUL_NextPDV(dul, &pdv) : condition;
}

cdcmtk_result protocolError(cdcmtk_error *error, const char *text) {
    describe(error, text);
    return CDCMTK_PROTOCOL_ERROR;
}

/// Makes P-DATA-TF PDUs of messages (PS3.8 9.3.5) and writes many at once. DCMTK would write each in two pieces, which with
/// the 16 KiB that most peers take is sixty calls a megabyte. What is not flushed waits for the next message.
class MessageWriter {
public:
    explicit MessageWriter(cdcmtk_association &association)
        : association_(association), buffer_(association.sendBuffer), used_(association.sendCount),
          capacity_(association.association->sendPDVLength) {
        buffer_.resize(std::max(bufferByteCount, capacity_ + headerByteCount));
    }

    /// Adds `count` bytes that `fill` puts where it is told; false when it, or writing, fails.
    template <typename Fill> bool append(uint8_t context, bool isCommand, uint64_t count, Fill fill) {
        for (uint64_t left = count; left > 0;) {
            const auto piece = static_cast<size_t>(std::min<uint64_t>(left, capacity_));
            if (buffer_.size() - used_ < piece + headerByteCount && !flush()) return false;
            uint8_t *pdu = buffer_.data() + used_;
            left -= piece;
            *pdu++ = pDataTF;
            *pdu++ = 0;
            pdu = put32(pdu, static_cast<uint32_t>(piece + 6));
            pdu = put32(pdu, static_cast<uint32_t>(piece + 2));
            *pdu++ = context;
            *pdu++ = static_cast<uint8_t>((isCommand ? commandBit : 0) | (left == 0 ? lastBit : 0));
            if (!fill(pdu, piece)) return false;
            used_ += piece + headerByteCount;
        }
        return true;
    }

    bool flush() {
        const size_t count = used_;
        used_ = 0;
        return count == 0 || association_.state->write(buffer_.data(), count) >= 0;
    }

private:
    static constexpr size_t bufferByteCount = 256 * 1024;
    static constexpr size_t headerByteCount = 12;
    static constexpr uint8_t pDataTF = 4, commandBit = 1, lastBit = 2;

    static uint8_t *put32(uint8_t *target, uint32_t value) {
        for (int shift = 24; shift >= 0; shift -= 8) *target++ = static_cast<uint8_t>(value >> shift);
        return target;
    }

    cdcmtk_association &association_;
    std::vector<uint8_t> &buffer_;
    size_t &used_;
    const size_t capacity_;
};

bool append(MessageWriter &writer, const cdcmtk_command &command) {
    const auto bytes = encoded(command);
    const uint8_t *next = bytes.data();
    return writer.append(command.context, true, bytes.size(), [&](uint8_t *target, size_t count) {
        std::memcpy(target, next, count);
        next += count;
        return true;
    });
}

}  // namespace
}  // namespace cdcmtk

using namespace cdcmtk;

namespace {

cdcmtk_result receive(cdcmtk_association *association, cdcmtk_command *out_command, cdcmtk_error *error) try {
    *out_command = {};
    std::vector<uint8_t> bytes;
    // A fragment may be empty (PS3.8 9.3.5.1), so the bytes received do not tell whether the message has begun.
    bool hasBegun = false;
    for (bool isLast = false; !isLast;) {
        DUL_PDV pdv;
        const OFCondition condition = nextPDV(*association, pdv);
        if (condition == DUL_PEERREQUESTEDRELEASE)
            return hasBegun ? protocolError(error, "a release in the middle of a command") : CDCMTK_PEER_RELEASED;
        if (condition.bad()) return association->result(condition, error);
        if (!hasBegun) {
            association->state->beginMessage();
            out_command->context = pdv.presentationContextID;
            hasBegun = true;
        }
        if (pdv.pdvType != DUL_COMMANDPDV) return protocolError(error, "a Data Set without a command before it");
        if (pdv.presentationContextID != out_command->context)
            return protocolError(error, "one command in two Presentation Contexts");
        if (pdv.fragmentLength > maximumCommandLength - bytes.size())
            return protocolError(error, "a command of more than 65536 bytes");
        const auto *data = static_cast<const uint8_t *>(pdv.data);
        bytes.insert(bytes.end(), data, data + pdv.fragmentLength);
        isLast = pdv.lastPDV;
    }
    T_ASC_PresentationContext context;
    if (ASC_findAcceptedPresentationContext(association->association->params, out_command->context, &context).bad())
        return protocolError(error, "a command in a Presentation Context that was not accepted");
    if (!parse(bytes, *out_command)) return protocolError(error, "a command that cannot be parsed");
    return CDCMTK_OK;
} catch (const std::exception &thrown) {
    describe(error, thrown.what());
    return CDCMTK_RESOURCE_ERROR;
}

}  // namespace

cdcmtk_result cdcmtk_association_receive(cdcmtk_association *association, cdcmtk_command *out_command,
                                         cdcmtk_error *error) {
    association->state->expectCommand();
    return receive(association, out_command, error);
}

cdcmtk_result cdcmtk_association_receive_response(cdcmtk_association *association, int32_t timeout_ms,
                                                  cdcmtk_command *out_command, cdcmtk_error *error) {
    association->state->expectResponse(timeout_ms);
    return receive(association, out_command, error);
}

bool cdcmtk_association_has_input(const cdcmtk_association *association) { return association->state->hasInput(); }

bool cdcmtk_association_wait_for_input(const cdcmtk_association *association, int32_t timeout_ms) {
    return association->state->hasInput(timeout_ms);
}

bool cdcmtk_association_wait_for_input_or(const cdcmtk_association *association, int32_t descriptor,
                                          int32_t timeout_ms) {
    return association->state->hasInput(timeout_ms, descriptor);
}

cdcmtk_result cdcmtk_association_receive_data_set(cdcmtk_association *association, const cdcmtk_command *command,
                                                  cdcmtk_sink sink, void *sink_context, cdcmtk_error *error) try {
    bool isWanted = true;
    for (bool isLast = false; !isLast;) {
        DUL_PDV pdv;
        const OFCondition condition = nextPDV(*association, pdv);
        if (condition == DUL_PEERREQUESTEDRELEASE)
            return protocolError(error, "a release in the middle of a Data Set");
        if (condition.bad()) return association->result(condition, error);
        if (pdv.pdvType != DUL_DATASETPDV) return protocolError(error, "a command in the middle of a Data Set");
        if (pdv.presentationContextID != command->context)
            return protocolError(error, "one message in two Presentation Contexts");
        if (isWanted && pdv.fragmentLength > 0) {
            const auto start = Clock::now();
            isWanted = sink(sink_context, static_cast<const uint8_t *>(pdv.data), pdv.fragmentLength);
            association->state->excuse(Clock::now() - start);
        }
        isLast = pdv.lastPDV;
    }
    return CDCMTK_OK;
} catch (const std::exception &thrown) {
    describe(error, thrown.what());
    return CDCMTK_RESOURCE_ERROR;
}

cdcmtk_result cdcmtk_association_queue(cdcmtk_association *association, const cdcmtk_command *command,
                                       const uint8_t *data_set, size_t count, cdcmtk_error *error) try {
    cdcmtk_command announced = *command;
    announced.has_data_set = data_set != nullptr && count > 0;
    MessageWriter writer(*association);
    if (append(writer, announced) && announced.has_data_set)
        writer.append(command->context, false, count, [&](uint8_t *target, size_t wanted) {
            std::memcpy(target, data_set, wanted);
            data_set += wanted;
            return true;
        });
    return association->result(EC_Normal, error);
} catch (const std::exception &thrown) {
    describe(error, thrown.what());
    return CDCMTK_RESOURCE_ERROR;
}

cdcmtk_result cdcmtk_association_flush(cdcmtk_association *association, cdcmtk_error *error) try {
    MessageWriter(*association).flush();
    return association->result(EC_Normal, error);
} catch (const std::exception &thrown) {
    describe(error, thrown.what());
    return CDCMTK_RESOURCE_ERROR;
}

cdcmtk_result cdcmtk_association_send(cdcmtk_association *association, const cdcmtk_command *command,
                                      const uint8_t *data_set, size_t count, cdcmtk_error *error) {
    const cdcmtk_result result = cdcmtk_association_queue(association, command, data_set, count, error);
    return result == CDCMTK_OK ? cdcmtk_association_flush(association, error) : result;
}

cdcmtk_result cdcmtk_association_send_stream(cdcmtk_association *association, const cdcmtk_command *command,
                                             uint64_t count, cdcmtk_source source, void *source_context,
                                             cdcmtk_error *error) try {
    cdcmtk_command announced = *command;
    announced.has_data_set = true;
    MessageWriter writer(*association);
    bool isReadable = true;
    const auto fill = [&](uint8_t *target, size_t wanted) {
        for (size_t filled = 0; filled < wanted && isReadable;) {
            const ptrdiff_t taken = source(source_context, target + filled, wanted - filled);
            isReadable = taken > 0;
            filled += isReadable ? static_cast<size_t>(taken) : 0;
        }
        return isReadable;
    };
    append(writer, announced) && writer.append(command->context, false, count, fill) && writer.flush();
    if (!isReadable) {
        describe(error, "the Data Set to send could not be read");
        return CDCMTK_DATA_ERROR;
    }
    return association->result(EC_Normal, error);
} catch (const std::exception &thrown) {
    describe(error, thrown.what());
    return CDCMTK_RESOURCE_ERROR;
}
