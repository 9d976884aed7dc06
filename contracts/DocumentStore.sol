// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.22;

import {RoleBook} from "./RoleBook.sol";

/// @dev First in the inheritance order, so that these variables take slots 0 to 4.
abstract contract DocumentBook {
    /// @dev Slot 0. A store is set up once, by its constructor.
    uint8 private _initialized;
    /// @notice Slot 1: whose store this is, in words. It proves nothing.
    string public name;
    /// @notice Slot 2: the version of the interface that this store answers to.
    string public version;
    /// @notice Slot 3: the block in which a hash was issued, 0 for never.
    mapping(bytes32 => uint256) public documentIssued;
    /// @notice Slot 4: the block in which a hash was revoked, 0 for never.
    mapping(bytes32 => uint256) public documentRevoked;

    event Initialized(uint8 version);

    function _setUp(string memory name_) internal {
        _initialized = 1;
        name = name_;
        version = "2.3.0";
        emit Initialized(1);
    }
}

/// @title A list of hashes that were issued, and a list of hashes that were revoked.
/// @notice Only issuers issue and only revokers revoke. A hash is issued once and revoked once, and neither is ever undone.
/// Any hash may be revoked, also one that was never issued: a batch is issued by its Merkle root, and then a leaf, a node
/// between, or the root may be revoked. So whoever verifies asks about every hash on the way up.
/// @dev Not upgradeable, holds no money, calls nobody. Layout: 0 initialised, 1 name, 2 version, 3 issued, 4 revoked, 105
/// roles, as in the stores in use, so that one storage proof serves both.
contract DocumentStore is DocumentBook, RoleBook {
    bytes32 public constant ISSUER_ROLE = keccak256("ISSUER_ROLE");
    bytes32 public constant REVOKER_ROLE = keccak256("REVOKER_ROLE");

    event DocumentIssued(bytes32 indexed document);
    event DocumentRevoked(bytes32 indexed document);

    /// @param _name  shown by wallets and explorers
    /// @param owner  gets the three roles: administrator, issuer, revoker
    constructor(string memory _name, address owner) {
        require(owner != address(0), "Owner is zero");
        _grantRole(DEFAULT_ADMIN_ROLE, owner);
        _grantRole(ISSUER_ROLE, owner);
        _grantRole(REVOKER_ROLE, owner);
        _setUp(_name);
    }

    function issue(bytes32 document) external onlyRole(ISSUER_ROLE) {
        _issue(document);
    }

    /// @notice Issue all of them, or none where one was issued before or comes twice.
    function bulkIssue(bytes32[] calldata documents) external onlyRole(ISSUER_ROLE) {
        for (uint256 i = 0; i < documents.length; ++i) {
            _issue(documents[i]);
        }
    }

    function revoke(bytes32 document) external onlyRole(REVOKER_ROLE) returns (bool) {
        _revoke(document);
        return true;
    }

    /// @notice Revoke all of them, or none where one was revoked before or comes twice.
    function bulkRevoke(bytes32[] calldata documents) external onlyRole(REVOKER_ROLE) {
        for (uint256 i = 0; i < documents.length; ++i) {
            _revoke(documents[i]);
        }
    }

    function isIssued(bytes32 document) public view returns (bool) {
        return documentIssued[document] != 0;
    }

    /// @notice Whether the hash was issued in that block or an earlier one.
    function isIssuedBefore(bytes32 document, uint256 blockNumber) external view returns (bool) {
        return isIssued(document) && documentIssued[document] <= blockNumber;
    }

    /// @notice The block in which the hash was issued; refuses where it was not.
    function getIssuedBlock(bytes32 document) external view returns (uint256) {
        require(isIssued(document), "Error: Only issued document hashes can be revoked");
        return documentIssued[document];
    }

    function isRevoked(bytes32 document) public view returns (bool) {
        return documentRevoked[document] != 0;
    }

    /// @notice Whether the hash was revoked in that block or an earlier one.
    function isRevokedBefore(bytes32 document, uint256 blockNumber) external view returns (bool) {
        return isRevoked(document) && documentRevoked[document] <= blockNumber;
    }

    /// @notice ERC-165: interface detection itself, and roles.
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == 0x01ffc9a7 || interfaceId == 0x7965db0b;
    }

    function _issue(bytes32 document) private {
        require(!isIssued(document), "Error: Only hashes that have not been issued can be issued");
        documentIssued[document] = block.number;
        emit DocumentIssued(document);
    }

    function _revoke(bytes32 document) private {
        require(!isRevoked(document), "Error: Hash has been revoked previously");
        documentRevoked[document] = block.number;
        emit DocumentRevoked(document);
    }
}
