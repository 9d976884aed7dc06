// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.22;

import {AccessControlUpgradeable} from "@openzeppelin/contracts-upgradeable/access/AccessControlUpgradeable.sol";
import {PausableUpgradeable} from "@openzeppelin/contracts-upgradeable/utils/PausableUpgradeable.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {ITitleEscrow, ITitleEscrowFactory, ITokenRegistry} from "./Interfaces.sol";

/// @dev First in the inheritance order, so that these variables take slots 0 to 53. The roles and the pause lie at slots that
/// are hashes (ERC-7201). Factory and first block are stored, not built into the code: the code is the same everywhere.
abstract contract RegistryBook {
    /// @notice Slots 0 and 1: what the registry is called. It proves nothing.
    string public name;
    string public symbol;
    /// @notice Slot 2: the remark of the latest pause.
    bytes public remark;
    mapping(uint256 tokenId => address) internal _owners;
    mapping(address owner => uint256) internal _balances;
    uint256[46] private _reserved;
    string internal _baseURI;
    /// @notice Slot 52: the contract that makes the escrows.
    address public titleEscrowFactory;
    /// @notice Slot 53: the block in which the registry was made, where its history begins.
    uint256 public genesis;
}

/// @title Titles, one token each, which only three owners can have.
/// @notice With its escrow a title is held; with this registry it is returned to the issuer; at 0x…dEaD it is taken out, for
/// good. Minters create titles, restorers give returned ones back, accepters take returned ones out, the administrator
/// pauses. Nobody moves a title that is held but its escrow, and there is no approving: these tokens are bound.
/// @dev Not upgradeable: the library contracts are the upgradeable ones for their storage slots alone.
contract TokenRegistry is RegistryBook, AccessControlUpgradeable, PausableUpgradeable, ITokenRegistry {
    bytes32 public constant MINTER_ROLE = keccak256("MINTER_ROLE");
    bytes32 public constant RESTORER_ROLE = keccak256("RESTORER_ROLE");
    bytes32 public constant ACCEPTER_ROLE = keccak256("ACCEPTER_ROLE");

    address private constant TAKEN_OUT = 0x000000000000000000000000000000000000dEaD;
    uint256 private constant REMARK_LIMIT = 120;

    event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);
    event PauseWithRemark(address account, bytes remark);
    event UnpauseWithRemark(address account, bytes remark);

    error InvalidTokenId();
    error RemarkLengthExceeded();
    error TokenExists();
    error TokenNotReturnedToIssuer();
    error TransferFailure();

    /// @notice The sender gets every role.
    constructor(string memory name_, string memory symbol_, address titleEscrowFactory_) initializer {
        name = name_;
        symbol = symbol_;
        titleEscrowFactory = titleEscrowFactory_;
        genesis = block.number;
        __Pausable_init();
        _grantRole(DEFAULT_ADMIN_ROLE, msg.sender);
        _grantRole(MINTER_ROLE, msg.sender);
        _grantRole(RESTORER_ROLE, msg.sender);
        _grantRole(ACCEPTER_ROLE, msg.sender);
    }

    /// @notice Create a title, and its escrow. A token id serves once, also after its title was taken out.
    function mint(address beneficiary, address holder, uint256 tokenId, bytes calldata remark_)
        external
        whenNotPaused
        onlyRole(MINTER_ROLE)
        returns (address)
    {
        _requireFits(remark_);
        if (_exists(tokenId)) revert TokenExists();
        address escrow = ITitleEscrowFactory(titleEscrowFactory).create(tokenId);
        _move(address(0), escrow, tokenId, abi.encode(beneficiary, holder, remark_));
        return escrow;
    }

    /// @notice Accept a returned title: it is taken out for good.
    function burn(uint256 tokenId, bytes calldata remark_) external whenNotPaused onlyRole(ACCEPTER_ROLE) {
        _requireFits(remark_);
        if (!_exists(tokenId)) revert InvalidTokenId();
        ITitleEscrow(_escrowOf(tokenId)).shred(remark_);
        _move(address(this), TAKEN_OUT, tokenId, "");
    }

    /// @notice Refuse a returned title: it goes back to the beneficiary and the holder that it had.
    function restore(uint256 tokenId, bytes calldata remark_)
        external
        whenNotPaused
        onlyRole(RESTORER_ROLE)
        returns (address)
    {
        _requireFits(remark_);
        if (!_exists(tokenId)) revert InvalidTokenId();
        if (ownerOf(tokenId) != address(this)) revert TokenNotReturnedToIssuer();
        address escrow = _escrowOf(tokenId);
        _move(address(this), escrow, tokenId, remark_);
        return escrow;
    }

    /// @notice A token's owner, which is a contract and never a trader, moves it: an escrow, when its title is returned.
    function transferFrom(address from, address to, uint256 tokenId, bytes memory remark_) external {
        require(_exists(tokenId), "ERC721: operator query for nonexistent token");
        require(msg.sender == ownerOf(tokenId), "ERC721: transfer caller is not owner nor approved");
        require(from == msg.sender, "ERC721: transfer from incorrect owner");
        require(to != address(0), "ERC721: transfer to the zero address");
        _move(from, to, tokenId, remark_);
    }

    function pause(bytes calldata remark_) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _requireFits(remark_);
        _pause();
        remark = remark_;
        emit PauseWithRemark(msg.sender, remark_);
    }

    function unpause(bytes calldata remark_) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _requireFits(remark_);
        _unpause();
        remark = remark_;
        emit UnpauseWithRemark(msg.sender, remark_);
    }

    /// @notice Let the members of another role appoint the members of a role.
    function setRoleAdmin(bytes32 role, bytes32 adminRole) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _setRoleAdmin(role, adminRole);
    }

    function setBaseURI(string calldata baseURI) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _baseURI = baseURI;
    }

    function ownerOf(uint256 tokenId) public view returns (address) {
        require(_exists(tokenId), "ERC721: owner query for nonexistent token");
        return _owners[tokenId];
    }

    function balanceOf(address owner) external view returns (uint256) {
        require(owner != address(0), "ERC721: balance query for the zero address");
        return _balances[owner];
    }

    function tokenURI(uint256 tokenId) external view returns (string memory) {
        require(_exists(tokenId), "ERC721Metadata: URI query for nonexistent token");
        return bytes(_baseURI).length == 0 ? "" : string.concat(_baseURI, Strings.toString(tokenId));
    }

    function paused() public view override(PausableUpgradeable, ITokenRegistry) returns (bool) {
        return super.paused();
    }

    /// @notice A registry may receive tokens, since returned titles are its own.
    function onERC721Received(address, address, uint256, bytes calldata) external pure returns (bytes4) {
        return ITitleEscrow.onERC721Received.selector;
    }

    /// @notice ERC-165: minting, burning, restoring; bound tokens; metadata; roles. Not ERC-721, as there is no approving.
    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == 0x6010a5e7 || interfaceId == 0xfe9d9303 || interfaceId == 0x5e089da7
            || interfaceId == 0xb8950977 || interfaceId == 0x95a63a27 || interfaceId == 0x5b5e139f
            || super.supportsInterface(interfaceId);
    }

    /// @dev The only place where a token changes owner. The books are written before the escrow is told.
    function _move(address from, address to, uint256 tokenId, bytes memory data) private whenNotPaused {
        if (to == TAKEN_OUT && from != address(this)) revert TokenNotReturnedToIssuer();
        bool toEscrow = to == _escrowOf(tokenId);
        if (!toEscrow && to != address(this) && to != TAKEN_OUT) revert TransferFailure();
        if (from != address(0)) --_balances[from];
        ++_balances[to];
        _owners[tokenId] = to;
        emit Transfer(from, to, tokenId);
        if (toEscrow) ITitleEscrow(to).onERC721Received(msg.sender, from, tokenId, data);
    }

    function _exists(uint256 tokenId) private view returns (bool) {
        return _owners[tokenId] != address(0);
    }

    function _escrowOf(uint256 tokenId) private view returns (address) {
        return ITitleEscrowFactory(titleEscrowFactory).getEscrowAddress(address(this), tokenId);
    }

    function _requireFits(bytes calldata remark_) private pure {
        if (remark_.length > REMARK_LIMIT) revert RemarkLengthExceeded();
    }
}
